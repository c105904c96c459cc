# Writes diagnosis.json, what R says of the numbers that test_diagnose.py and test_discriminate.py ask for: Rscript diagnosis.R
suppressMessages(library(pROC))
library(jsonlite)

d <- read.csv("../../data/pbc/pbc.csv")
d$death <- as.integer(d$status == 2)
z <- qnorm(0.975)
share <- function(n, N) { w <- prop.test(n, N, correct = FALSE)$conf.int; list(n = n, N = N, p = n / N, low = w[1], high = w[2]) }
ratio <- function(a, m, b, k) {  # Simel 1991: the log of a / m over b / k
  r <- (a / m) / (b / k); se <- sqrt(1 / a - 1 / m + 1 / b - 1 / k)
  list(estimate = r, low = r * exp(-z * se), high = r * exp(z * se))
}
table2 <- function(test, truth) {
  keep <- !is.na(test) & !is.na(truth); test <- test[keep]; truth <- truth[keep]
  tp <- sum(test & truth); fp <- sum(test & !truth); fn <- sum(!test & truth); tn <- sum(!test & !truth)
  suppressWarnings(list(sensitivity = share(tp, tp + fn), specificity = share(tn, fp + tn), ppv = share(tp, tp + fp),
       npv = share(tn, fn + tn), accuracy = share(tp + tn, tp + fp + fn + tn), prevalence = share(tp + fn, tp + fp + fn + tn),
       positive = ratio(tp, tp + fn, fp, fp + tn), negative = ratio(fn, tp + fn, tn, fp + tn)))
}
curve <- function(truth, marker, direction) roc(truth, marker, levels = c(0, 1), direction = direction, quiet = TRUE)
area <- function(r) {
  ci <- ci.auc(r, method = "delong")
  best <- coords(r, "best", best.method = "youden", ret = c("threshold", "sensitivity", "specificity"), transpose = FALSE)
  best <- best[which.max(best$sensitivity), ]  # of several
  list(auc = as.numeric(auc(r)), low = ci[1], high = ci[3], threshold = best$threshold, sensitivity = best$sensitivity,
       specificity = best$specificity)
}
both <- function(truth, x, y, dx, dy) {
  keep <- !is.na(x) & !is.na(y) & !is.na(truth)
  a <- curve(truth[keep], x[keep], dx); b <- curve(truth[keep], y[keep], dy)
  t <- roc.test(a, b, method = "delong", paired = TRUE)
  e <- as.numeric(auc(a) - auc(b)); se <- e / unname(t$statistic)
  list(one = area(a), other = area(b), difference = e, low = e - z * se, high = e + z * se, z = unname(t$statistic), p = t$p.value)
}
few <- list(truth = c(0, 0, 0, 1, 1, 1, 0, 1), marker = c(1, 2, 2, 2, 3, 4, 1, 4))
out <- list(
  ascites = table2(d$ascites == 1, d$death == 1),
  bili_men = table2((d$bili > 2)[d$sex == "m"], (d$death == 1)[d$sex == "m"]),
  bili = area(curve(d$death, d$bili, "<")), albumin = area(curve(d$death, d$albumin, ">")),
  copper = area(curve(d$death, d$copper, "<")), stage = area(curve(d$death, d$stage, "<")),
  few = area(curve(few$truth, few$marker, "<")),
  bili_albumin = both(d$death, d$bili, -d$albumin, "<", "<"), bili_copper = both(d$death, d$bili, d$copper, "<", "<")
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "diagnosis.json")
