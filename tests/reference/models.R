# Writes models.json, what R says of the models of test_models.py: Rscript models.R
library(jsonlite)
library(MASS)
options(warn = -1)

pbc <- read.csv("../../data/pbc/pbc.csv")
pbc$arm <- relevel(factor(pbc$trt, labels = c("drug", "placebo")), "placebo")
pbc$sex <- factor(pbc$sex)
pbc$died <- as.integer(pbc$status == 2)
pbc$late <- factor(pbc$stage)
pbc$site <- pbc$id %% 40 # rows of one person, for clustered errors
use <- function(f, d = pbc) d[complete.cases(d[, all.vars(f)]), ]
slopes <- function(b, v, critical = qnorm(0.975)) { # without the constant
  s <- sqrt(diag(v))[-1]; b <- b[-1]
  list(estimate = unname(b), error = unname(s), low = unname(b - critical * s), high = unname(b + critical * s))
}
exactly <- function(f, d, family, ...) {
  m <- glm(f, family, d, control = glm.control(epsilon = 1e-14, maxit = 100), ...)
  glm(f, family, d, start = coef(m), ...) # its errors are of the weights of the step before
}
nb <- function(f, d) {
  d <- use(f, d); m <- glm.nb(f, d, control = glm.control(epsilon = 1e-14, maxit = 200))
  theta <- m$theta
  for (i in 1:60) { # glm.nb stops its shape at 1e-4: both are found again until they stay
    m2 <- glm(f, negative.binomial(theta), d, control = glm.control(epsilon = 1e-15, maxit = 100))
    theta <- as.numeric(theta.ml(m2$y, fitted(m2), limit = 100, eps = 1e-12))
  }
  m2 <- glm(f, negative.binomial(theta), d, start = coef(m2), control = glm.control(epsilon = 1e-15, maxit = 100))
  mu <- fitted(m2)
  c(slopes(coef(m2), summary(m2, dispersion = 1)$cov.scaled), list(theta = theta, n = length(m2$y),
    loglik = sum(dnbinom(m2$y, size = theta, mu = mu, log = TRUE))))
}
ordinal <- function(f, d) { # polr's optim is stopped late, its Hessian replaced by that of the likelihood by differences
  d <- use(f, d); m <- polr(f, d, Hess = TRUE, control = list(reltol = 1e-16, maxit = 2000))
  x <- model.matrix(f, d)[, -1, drop = FALSE]; y <- as.integer(model.response(model.frame(f, d))); k <- length(m$zeta); p <- ncol(x)
  loglik <- function(v) { z <- c(-Inf, v[seq_len(k)], Inf); e <- x %*% v[-seq_len(k)]; sum(log(plogis(z[y + 1] - e) - plogis(z[y] - e))) }
  slope <- function(v) { z <- c(-Inf, v[seq_len(k)], Inf); e <- drop(x %*% v[-seq_len(k)]); P <- plogis(z[y + 1] - e) - plogis(z[y] - e)
    a <- dlogis(z[y + 1] - e) / P; b <- dlogis(z[y] - e) / P
    c(sapply(seq_len(k), function(j) sum(a * (y == j)) - sum(b * (y == j + 1))), -colSums(x * (a - b))) }
  v <- c(m$zeta, m$coefficients)
  for (i in 1:20) { H <- sapply(seq_along(v), function(j) { h <- 1e-6 * max(1, abs(v[j])); u <- v; u[j] <- v[j] + h; w <- v; w[j] <- v[j] - h; (slope(u) - slope(w)) / (2 * h) })
    v <- v - solve((H + t(H)) / 2, slope(v)) }
  V <- solve(-(H + t(H)) / 2); i <- k + seq_len(p)
  list(estimate = unname(v[i]), error = unname(sqrt(diag(V))[i]), loglik = loglik(v), polr = unname(m$coefficients), n = length(y))
}
sandwich_of <- function(m, hc3) { # sandwich::vcovHC(lm), sandwich::sandwich(glm), from their definition
  x <- model.matrix(m); e <- if (hc3) residuals(m) / (1 - hatvalues(m)) else residuals(m, "working") * weights(m, "working")
  bread <- if (hc3) solve(crossprod(x)) else summary(m)$cov.unscaled
  bread %*% crossprod(x * e) %*% bread
}
clustered <- function(m, g, linear) { # sandwich::vcovCL
  x <- model.matrix(m); n <- nrow(x); G <- length(unique(g))
  e <- if (linear) residuals(m) else residuals(m, "working") * weights(m, "working")
  bread <- if (linear) solve(crossprod(x)) else summary(m)$cov.unscaled
  bread %*% crossprod(rowsum(x * e, g)) %*% bread * G / (G - 1) * if (linear) (n - 1) / (n - ncol(x)) else 1
}
wald <- function(b, v, i) { w <- drop(b[i] %*% solve(v[i, i], b[i])); c(w, length(i)) }
vif <- function(m, groups) { # car::vif, to the power of one over the levels
  v <- cov2cor(vcov(m)[-1, -1]); sapply(groups, function(i) (det(v[i, i, drop = FALSE]) * det(v[-i, -i, drop = FALSE]) / det(v))^(1 / length(i)))
}
profile <- function(f, d, family, column) { # confint(glm) without its interpolation
  d <- use(f, d); m <- exactly(f, d, family); x <- model.matrix(m); j <- which(colnames(x) == column); b <- coef(m)[j]; s <- sqrt(vcov(m)[j, j])
  fall <- function(v) glm.fit(x[, -j], m$y, offset = v * (x[, j] - mean(x[, j])), family = family, control = glm.control(epsilon = 1e-14, maxit = 100))$deviance - m$deviance - qnorm(0.975)^2
  unname(c(uniroot(fall, c(b - 4 * s, b), tol = 1e-13)$root, uniroot(fall, c(b, b + 4 * s), tol = 1e-13)$root))
}
few <- data.frame(two = strsplit("abbaabaab", "")[[1]], x = c(41.2, 23.6, 44.3, 47.1, 56.6, 39.1, 50.8, 53.7, 65.5), ill = c(1, 1, 0, 0, 0, 1, 1, 1, 0))
f1 <- albumin ~ arm + age + sex; d1 <- use(f1); l <- lm(f1, d1)
f2 <- died ~ arm + age + late; d2 <- use(f2); g <- exactly(f2, d2, binomial())
f3 <- platelet ~ arm + age; d3 <- use(f3); p <- exactly(f3, d3, poisson())
inter <- function(f, g, d, family) { # the likelihood ratio, or F, of products; the products; the effect at each level
  d <- use(g, d)
  if (is.null(family)) { a <- lm(f, d); b <- lm(g, d); t <- anova(a, b); test <- c(t$F[2], t$Df[2], t$`Pr(>F)`[2]) }
  else { a <- exactly(f, d, family); b <- exactly(g, d, family); x <- a$deviance - b$deviance; k <- a$df.residual - b$df.residual; test <- c(x, k, pchisq(x, k, lower.tail = FALSE)) }
  i <- grep(":", names(coef(b))); v <- vcov(b); one <- 2; at <- coef(b)[one] + coef(b)[i]
  list(test = test, product = unname(coef(b)[i]), product_error = unname(sqrt(diag(v))[i]), within = unname(c(coef(b)[one], at)),
       within_error = unname(c(sqrt(v[one, one]), sqrt(v[one, one] + diag(v)[i] + 2 * v[one, i]))))
}
library(survival)
d4 <- use(time ~ arm + age + sex + died); c1 <- coxph(Surv(time, died) ~ arm + age + sex, d4, control = coxph.control(eps = 1e-13, toler.chol = 1e-14))
c2 <- coxph(Surv(time, died) ~ arm + age + sex + arm:sex, d4, control = coxph.control(eps = 1e-13, toler.chol = 1e-14))
x <- 2 * (c2$loglik[2] - c1$loglik[2])
out <- list(
  inter_cox = list(test = c(x, 1, pchisq(x, 1, lower.tail = FALSE)), product = unname(coef(c2)[4]), within = unname(c(coef(c2)[1], coef(c2)[1] + coef(c2)[4])),
                   within_error = unname(c(sqrt(vcov(c2)[1, 1]), sqrt(vcov(c2)[1, 1] + vcov(c2)[4, 4] + 2 * vcov(c2)[1, 4])))),
  nb = nb(platelet ~ arm + age + sex, pbc), nb_arm = nb(platelet ~ arm, use(platelet ~ arm + age + sex)),
  ordinal = ordinal(late ~ arm + age + sex, pbc),
  robust_lm = slopes(coef(l), sandwich_of(l, TRUE), qt(0.975, l$df.residual)),
  robust_glm = slopes(coef(g), sandwich_of(g, FALSE)), robust_poisson = slopes(coef(p), sandwich_of(p, FALSE)),
  robust_levels = wald(coef(g), sandwich_of(g, FALSE), 4:6),
  clustered_lm = slopes(coef(l), clustered(l, d1$site, TRUE), qt(0.975, length(unique(d1$site)) - 1)), # t of G - 1, as estimatr::lm_robust(se_type = "stata")
  clustered_glm = slopes(coef(g), clustered(g, d2$site, FALSE)),
  vif_lm = vif(l, list(1, 2, 3)), vif_glm = vif(g, list(1, 2, 3:5)),
  profile_glm = profile(f2, pbc, binomial(), "armdrug"), profile_poisson = profile(f3, pbc, poisson(), "age"),
  profile_few = c(profile(ill ~ two + x, few, binomial(), "twob"), profile(ill ~ two + x, few, binomial(), "x")),
  inter_glm = inter(died ~ arm + age + sex, died ~ arm + age + sex + arm:sex, pbc, binomial()),
  inter_lm = inter(albumin ~ arm + age + late, albumin ~ arm + age + late + arm:late, pbc, NULL),
  inter_age = inter(died ~ arm + age + sex, died ~ arm + age + sex + arm:age, pbc, binomial())
)
write(toJSON(out, digits = I(17), auto_unbox = TRUE, na = "null", pretty = TRUE), "models.json")
