# Writes incidence.json, what R says of the numbers that test_competing.py and test_incidence.py ask for: Rscript incidence.R
suppressMessages(library(cmprsk))
library(jsonlite)

z <- qnorm(0.975)
d <- read.csv("../../data/pbc/pbc.csv")
toy <- data.frame(
  time = c(1, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 10, 12, 12),
  status = c(1, 2, 1, 1, 0, 2, 2, 2, 0, 1, 1, 2, 0, 1, 2, 0, 1, 1, 0, 1),
  arm = rep(c("a", "b", "c", "b"), 5)
)
at <- function(time, status, cause, when) {
  p <- timepoints(cuminc(time, status, cencode = 0), when)
  row <- grep(paste0(" ", cause, "$"), rownames(p$est))
  f <- p$est[row, ]; se <- sqrt(p$var[row, ])
  w <- exp(z * se / (f * -log(f)))  # on the scale of log(-log F), as survfit(conf.type = "log-log") has it
  list(when = when, estimate = unname(f), variance = unname(p$var[row, ]), low = unname(f^w), high = unname(f^(1 / w)))
}
gray <- function(time, status, group) {
  t <- cuminc(time, status, group, cencode = 0)$Tests
  lapply(c("1", "2"), function(cause) list(statistic = t[cause, "stat"], df = t[cause, "df"], p = t[cause, "pv"]))
}
years <- c(365.25, 1826.25, 3652.5)
placebo <- subset(d, trt == 2)
arms <- subset(d, !is.na(trt)); stages <- subset(d, !is.na(stage))
out <- list(
  toy = at(toy$time, toy$status, 1, c(1, 2, 4, 6, 8, 10)), toy_competing = at(toy$time, toy$status, 2, c(1, 4, 8)),
  pbc = at(d$time, d$status, 2, years), pbc_transplant = at(d$time, d$status, 1, years[2:3]),
  placebo = at(placebo$time, placebo$status, 2, years),
  toy_arms = gray(toy$time, toy$status, toy$arm),
  arms = gray(arms$time, arms$status, arms$trt), stages = gray(stages$time, stages$status, stages$stage),
  sexes = gray(d$time, d$status, d$sex),
  early = gray(c(1, 2, 3, 4, 5, 6, 7, 8), c(1, 2, 1, 0, 1, 2, 1, 1), c("a", "a", "a", "a", "b", "b", "b", "b"))
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "incidence.json")
