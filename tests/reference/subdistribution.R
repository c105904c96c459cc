# Writes subdistribution.json, what R says of the numbers that test_subdistribution.py asks for: Rscript subdistribution.R
suppressMessages(library(cmprsk))
library(jsonlite)

d <- read.csv("../../data/pbc/pbc.csv")
fit <- function(data, columns, cause) {
  data <- data[complete.cases(data[, c("time", "status", columns)]), ]
  m <- crr(data$time, data$status, as.matrix(data[, columns, drop = FALSE]), failcode = cause, cencode = 0, gtol = 1e-12, maxiter = 50)
  list(n = nrow(data), coefficients = unname(m$coef), errors = unname(sqrt(diag(m$var))), likelihood = m$loglik, null = m$loglik.null)
}
d$placebo <- as.integer(d$trt == 2); d$male <- as.integer(d$sex == "m")
toy <- data.frame(
  time = c(1, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 10, 12, 12),
  status = c(1, 2, 1, 1, 0, 2, 2, 2, 0, 1, 1, 2, 0, 1, 2, 0, 1, 1, 0, 1),
  x = c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4), z = rep(c(0, 1), 10)
)
out <- list(
  toy = fit(toy, c("x", "z"), 1), toy_other = fit(toy, "x", 2),
  arm = fit(d, "placebo", 2), adjusted = fit(d, c("placebo", "age", "bili"), 2), transplant = fit(d, c("age", "male"), 1)
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "subdistribution.json")
