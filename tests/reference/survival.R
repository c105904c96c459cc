# Writes survival.json, what R says of the numbers that test_event_times.py and test_survive.py ask for: Rscript survival.R
library(survival)
library(jsonlite)

d <- read.csv("../../data/pbc/pbc.csv")
d$death <- d$status == 2
toy <- data.frame(
  time = c(1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 10, 10, 12, 3, 5, 5, 8, 11),
  event = c(1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1),
  arm = rep(c("a", "b"), c(15, 5)), site = rep(c("x", "y"), 10)
)

curve <- function(fit, at) {
  s <- summary(fit, times = at)
  q <- quantile(fit, 0.5)
  list(at = at, surv = s$surv, lower = s$lower, upper = s$upper, at_risk = s$n.risk,
       median = unname(q$quantile), low = unname(q$lower), high = unname(q$upper))
}
km <- function(f, data, at) curve(survfit(f, data, conf.type = "log-log"), at)
rank <- function(f, data) {
  t <- survdiff(f, data)
  list(chisq = t$chisq, df = sum(tapply(t$n, seq_along(t$n), sum) > 0) - 1, exp = if (is.matrix(t$exp)) rowSums(t$exp) else t$exp)
}
trend <- function(f, data, k) {
  t <- survdiff(f, data); s <- 1:k
  o <- if (is.matrix(t$obs)) rowSums(t$obs) else t$obs; e <- if (is.matrix(t$exp)) rowSums(t$exp) else t$exp
  z <- sum(s * (o - e)) / sqrt(as.numeric(t(s) %*% t$var %*% s)); list(z = z, p = 2 * pnorm(-abs(z)))
}
rmst <- function(data, until) {
  t <- summary(survfit(Surv(time, event) ~ 1, data), rmean = until)$table
  list(mean = unname(t["rmean"]), se = unname(t[grep("se", names(t))]))
}
pbc_toy <- with(d, data.frame(time = time, event = as.integer(death), trt = trt, sex = sex, stage = stage))

out <- list(
  toy = km(Surv(time, event) ~ 1, toy, c(0.5, 2, 5, 9, 11.5)),
  toy_a = km(Surv(time, event) ~ 1, subset(toy, arm == "a"), c(2, 5, 9)),
  toy_b = km(Surv(time, event) ~ 1, subset(toy, arm == "b"), c(2, 5, 9)),
  half = km(Surv(time, event) ~ 1, data.frame(time = c(1, 2, 3, 4), event = c(1, 1, 1, 1)), c(1, 2)),
  half_then_censored = km(Surv(time, event) ~ 1, data.frame(time = c(1, 2, 3, 4), event = c(1, 1, 0, 0)), c(1, 2)),
  pbc = km(Surv(time, event) ~ 1, pbc_toy, c(365.25, 1826.25, 3652.5)),
  pbc_reversed = km(Surv(time, 1 - event) ~ 1, pbc_toy, c(365.25, 1826.25)),
  rank_toy = rank(Surv(time, event) ~ arm, toy),
  rank_toy_sites = rank(Surv(time, event) ~ arm + strata(site), toy),
  rank_trt = rank(Surv(time, event) ~ trt, pbc_toy),
  rank_stage = rank(Surv(time, event) ~ stage, pbc_toy),
  rank_trt_by_sex = rank(Surv(time, event) ~ trt + strata(sex), pbc_toy),
  pbc_drug = km(Surv(time, event) ~ 1, subset(pbc_toy, trt == 1), c(365.25, 1826.25)),
  pbc_placebo = km(Surv(time, event) ~ 1, subset(pbc_toy, trt == 2), c(365.25, 1826.25)),
  pbc_placebo_reversed = km(Surv(time, 1 - event) ~ 1, subset(pbc_toy, trt == 2), c(365.25)),
  trend_stage = trend(Surv(time, event) ~ stage, pbc_toy, 4),
  trend_stage_by_sex = trend(Surv(time, event) ~ stage + strata(sex), pbc_toy, 4),
  rmst_toy = rmst(toy, 9),
  rmst_pbc = rmst(pbc_toy, 3652.5)
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "survival.json")
