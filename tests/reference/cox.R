# Writes cox.json, what R says of the models that test_cox.py fits: Rscript cox.R
library(survival)
library(jsonlite)

d <- read.csv("../../data/pbc/pbc.csv")
d$death <- d$status == 2
d$years <- floor(d$time / 365.25)

said <- function(f) {
  m <- coxph(f, d)
  z <- cox.zph(m)$table
  s <- summary(m)
  list(coef = unname(coef(m)), vcov = matrix(vcov(m), length(coef(m))), loglik = m$loglik, n = m$n, events = m$nevent,
       zph = unname(z[, "chisq"]), zph_df = unname(z[, "df"]), zph_p = unname(z[, "p"]), lr = unname(s$logtest["test"]))
}
d$arm <- relevel(factor(d$trt, labels = c("drug", "placebo")), "placebo")
out <- list(
  arms = said(Surv(time, death) ~ arm),
  arms_within_sex = said(Surv(time, death) ~ arm + strata(sex)),
  bili = said(Surv(time, death) ~ bili),
  several = said(Surv(time, death) ~ age + sex + log(bili) + albumin + edema),
  stages = said(Surv(time, death) ~ factor(stage) + age),
  tied = said(Surv(years, death) ~ trt + age),
  stratified = said(Surv(years, death) ~ age + albumin + strata(sex))
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "cox.json")
