# Writes regress.json, what R says of the models of test_glm.py and test_regress.py: Rscript regress.R
library(survival)
library(pROC)
library(jsonlite)

pbc <- read.csv("../../data/pbc/pbc.csv")
rct <- read.csv("../../data/indo_rct/indo_rct.csv", na.strings = c("", "NA"))
pbc$arm <- relevel(factor(pbc$trt, labels = c("drug", "placebo")), "placebo")
pbc$sex <- factor(pbc$sex)  # female first, as R has it
pbc$stage <- factor(pbc$stage)
pbc$died <- as.integer(pbc$status == 2)
pbc$ascites <- factor(pbc$ascites)
rct$pancreatitis <- as.integer(substr(rct$outcome, 1, 1) == "1")
rct$rx <- factor(rct$rx)
rct$gender <- factor(rct$gender)

rows <- function(m, critical) {
  s <- coef(summary(m))
  s <- s[rownames(s) != "(Intercept)", , drop = FALSE]
  list(estimate = unname(s[, 1]), error = unname(s[, 2]), statistic = unname(s[, 3]), p = unname(s[, 4]),
       low = unname(s[, 1] - critical * s[, 2]), high = unname(s[, 1] + critical * s[, 2]))
}
linear <- function(f, d) {
  d <- d[complete.cases(d[, all.vars(f)]), ]
  m <- lm(f, d); s <- summary(m)
  c(rows(m, qt(0.975, m$df.residual)),
    list(n = nobs(m), r2 = s$r.squared, adjusted = s$adj.r.squared, f = unname(s$fstatistic),
         drop = drop1(m, test = "F")[-1, c("Df", "F value", "Pr(>F)")]))
}
lemeshow <- function(y, p) { # ResourceSelection::hoslem.test, from its definition
  cut10 <- cut(p, unique(quantile(p, seq(0, 1, 0.1))), include.lowest = TRUE)
  o1 <- tapply(y, cut10, sum); e1 <- tapply(p, cut10, sum); n <- tapply(y, cut10, length)
  c(sum((o1 - e1)^2 / e1 + ((n - o1) - (n - e1))^2 / (n - e1)), nlevels(cut10) - 2)
}
generalised <- function(f, d, family) {
  d <- d[complete.cases(d[, all.vars(f)]), ]
  m <- glm(f, family, d, control = glm.control(epsilon = 1e-14, maxit = 100))
  m <- glm(f, family, d, start = coef(m)) # its errors are of the weights of the step before
  out <- c(rows(m, qnorm(0.975)), list(n = nobs(m), loglik = as.numeric(logLik(m)),
    lr = m$null.deviance - m$deviance, drop = drop1(m, test = "LRT")[-1, c("Df", "LRT", "Pr(>Chi)")]))
  if (family == "poisson") return(c(out, list(dispersion = sum(residuals(m, "pearson")^2) / m$df.residual)))
  r <- roc(m$y, fitted(m), quiet = TRUE, direction = "<", levels = c(0, 1))
  c(out, list(auc = as.numeric(ci.auc(r)), hl = lemeshow(m$y, fitted(m))))
}
cox <- function(f, d) {
  d <- d[complete.cases(d[, all.vars(f)]), ]
  assign("d", d, globalenv()) # which drop1 looks for
  m <- coxph(f, d, control = coxph.control(eps = 1e-13, toler.chol = 1e-14)); z <- cox.zph(m)$table
  list(estimate = unname(coef(m)), error = sqrt(diag(vcov(m))), n = m$n,
    events = m$nevent, zph = unname(z[, "chisq"]), drop = drop1(m, test = "Chisq")[-1, c("Df", "LRT", "Pr(>Chi)")])
}
out <- list(
  pbc_albumin = linear(albumin ~ arm + age + sex + stage, pbc[!is.na(pbc$trt), ]),
  pbc_albumin_arm = linear(albumin ~ arm, subset(pbc, !is.na(trt) & !is.na(stage))),
  rct_risk = linear(risk ~ rx + age + gender, rct),
  pbc_died = generalised(died ~ arm + age + sex + stage + bili, pbc, "binomial"),
  pbc_died_arm = generalised(died ~ arm, subset(pbc, !is.na(trt) & !is.na(stage)), "binomial"),
  rct_outcome = generalised(pancreatitis ~ rx + age + gender + risk, rct, "binomial"),
  pbc_platelet = generalised(platelet ~ arm + age + sex + stage, pbc, "poisson"),
  pbc_rate = generalised(died ~ arm + age + offset(log(time)), pbc, "poisson"),
  pbc_cox = cox(Surv(time, died) ~ arm + age + sex + stage + bili, pbc),
  pbc_cox_strata = cox(Surv(time, died) ~ arm + age + bili + strata(sex), pbc)
)
write(toJSON(out, digits = I(17), auto_unbox = TRUE, na = "null", pretty = TRUE, dataframe = "columns"), "regress.json")
