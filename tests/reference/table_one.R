# Writes table_one.json, what R says of the numbers that test_table_one.py asks for: Rscript table_one.R
library(jsonlite)

d <- subset(read.csv("../../data/pbc/pbc.csv"), !is.na(trt))
numbers <- function(x, g) {
  pairs <- combn(sort(unique(g)), 2)
  mean(apply(pairs, 2, function(p) {
    a <- x[g == p[1]]; b <- x[g == p[2]]
    abs(mean(a, na.rm = TRUE) - mean(b, na.rm = TRUE)) / sqrt((var(a, na.rm = TRUE) + var(b, na.rm = TRUE)) / 2)
  }))
}
# Yang & Dalton 2012
levels_of <- function(x, g) {
  pairs <- combn(sort(unique(g)), 2)
  mean(apply(pairs, 2, function(p) {
    shares <- lapply(p, function(one) prop.table(table(factor(x)[g == one]))[-1])
    s <- Reduce(`+`, lapply(shares, function(q) diag(q, nrow = length(q)) - q %o% q)) / 2
    t <- shares[[1]] - shares[[2]]
    sqrt(t %*% MASS::ginv(s) %*% t)
  }))
}
p <- c(t.test(age ~ trt, d)$p.value, chisq.test(d$sex, d$trt, correct = FALSE)$p.value,
       wilcox.test(bili ~ trt, d)$p.value, chisq.test(d$ascites, d$trt, correct = FALSE)$p.value)
out <- list(
  arms = list(age = numbers(d$age, d$trt), bili = numbers(d$bili, d$trt), sex = levels_of(d$sex, d$trt),
              stage = levels_of(d$stage, d$trt), ascites = levels_of(d$ascites, d$trt)),
  stages = list(age = numbers(d$age, d$stage), sex = levels_of(d$sex, d$stage)),
  p = p, holm = p.adjust(p, "holm")
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "table_one.json")
