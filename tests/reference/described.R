# Writes described.json, what R says of the numbers that test_described.py asks for: Rscript described.R
library(jsonlite)

d <- read.csv("../../data/pbc/pbc.csv")
counts <- function(x, breaks) hist(x, breaks = breaks, right = FALSE, plot = FALSE)$counts
mode <- function(x) as.numeric(names(which.max(table(x))))
top <- sort(unique(d$bili), decreasing = TRUE)[1:5]
absent <- apply(is.na(d[, c("trt", "chol", "platelet")]), 1, function(row) paste(c("trt", "chol", "platelet")[row], collapse = ", "))

# Firth 1993 for logistic regression, from its definition: the score with the hat values h_i (1/2 - pi_i) added.
firth <- function(x, y) {
  b <- rep(0, ncol(x))
  for (step in 1:500) {
    p <- plogis(drop(x %*% b)); w <- p * (1 - p)
    v <- solve(crossprod(x, w * x)); h <- w * rowSums((x %*% v) * x)
    move <- drop(v %*% crossprod(x, y - p + h * (0.5 - p)))
    b <- b + move * min(1, 2 / max(abs(move)))
    if (max(abs(move)) < 1e-13) break
  }
  list(coef = unname(b), se = unname(sqrt(diag(v))))
}
women <- subset(d, sex == "f" & !is.na(ascites))  # of whom all with ascites died: separation

out <- list(
  histogram = list(age = counts(d$age, seq(25, 80, 5)), bili = counts(d$bili, seq(0, 30, 2)), women = counts(d$age[d$sex == "f"], seq(25, 80, 5))),
  mode = mode(d$bili), geometric = exp(mean(log(d$bili))),
  highest = list(value = top, n = sapply(top, function(v) sum(d$bili == v))),
  patterns = as.list(table(ifelse(absent == "", "nothing", absent))),
  firth = firth(cbind(1, women$ascites), as.numeric(women$status == 2)),
  firth_adjusted = firth(cbind(1, women$ascites, women$age), as.numeric(women$status == 2))
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "described.json")
