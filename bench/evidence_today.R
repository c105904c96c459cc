# One statistical work by R, its columns read before the clock starts: prints the seconds it took, also of the processor.
suppressMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
d <- read.csv(arguments[2], stringsAsFactors = TRUE)
works <- list(
  survive = function() { survfit(Surv(time, status) ~ arm, d, conf.type = "log-log"); survdiff(Surv(time, status) ~ arm, d) },
  cox = function() coxph(Surv(time, status) ~ age + arm + sex, d),
  logistic = function() summary(glm(response ~ age + arm + sex, binomial, d))
)
taken <- system.time(works[[arguments[1]]]())
cat(taken[["elapsed"]], taken[["user.self"]] + taken[["sys.self"]], 0, "\n")
