# Writes strata_of_subdistribution.json: Fine and Gray's model within strata: Rscript strata_of_subdistribution.R
# Zhou et al.'s score and its covariance (Biometrics 2011) by their formula, row by row, which the script holds to crr's
# where there is one stratum. survival::finegray and coxph with the same strata weigh ties of censoring and events otherwise
# (without strata too): their coefficients are the second witness, equal where there are no such ties.
suppressMessages({library(survival); library(cmprsk); library(jsonlite)})
parts <- function(b, time, status, X, s) {
  bread <- 0; meat <- 0; score <- 0
  for (g in unique(s)) { i <- s == g; t <- time[i]; e <- status[i]; x <- X[i, , drop = FALSE]; n <- length(t); r <- drop(exp(x %*% b))
    u <- sort(unique(t)); Y <- sapply(u, function(a) sum(t >= a)); d <- sapply(u, function(a) sum(t == a & e == 0)); G <- c(1, cumprod(1 - d / Y))
    before <- function(a) G[match(a, u)] # the share not censored just before
    w <- function(a) ifelse(t >= a, 1, ifelse(e == 2, before(a) / before(t), 0))
    ev <- sort(unique(t[e == 1])); if (!length(ev)) next
    dN <- sapply(ev, function(a) sum(t == a & e == 1)); W <- sapply(ev, w); S0 <- colSums(W * r); E <- t(sapply(seq_along(ev), function(j) colSums(W[, j] * r * x) / S0[j])); if (ncol(x) == 1) E <- matrix(E, ncol = 1)
    eta <- matrix(0, n, ncol(x)); Q <- matrix(0, length(u), ncol(x)); info <- 0
    for (j in seq_along(ev)) { away <- sweep(x, 2, E[j, ]); part <- W[, j] * r * away * dN[j] / S0[j]
      eta <- eta + (t == ev[j] & e == 1) * away - part; info <- info + crossprod(away, W[, j] * r * away) * dN[j] / S0[j]
      for (k in seq_along(u)) if (u[k] <= ev[j]) Q[k, ] <- Q[k, ] + colSums(part * (e == 2 & t < u[k])) }
    at <- match(t, u); drift <- apply(Q * d / Y^2, 2, cumsum); if (ncol(x) == 1) drift <- matrix(drift, ncol = 1)
    psi <- (e == 0) * Q[at, , drop = FALSE] / Y[at] - drift[at, , drop = FALSE]
    bread <- bread + info; meat <- meat + crossprod(eta + psi); score <- score + colSums(eta) }
  v <- solve(bread); list(step = drop(v %*% score), errors = sqrt(diag(v %*% meat %*% v)))
}
solved <- function(time, status, X, s) { b <- rep(0, ncol(X)); for (i in 1:7) b <- b + parts(b, time, status, X, s)$step; c(list(b = b), parts(b, time, status, X, s)) }
fit <- function(d, time, status, columns, strata, cause = 1) {
  d <- d[complete.cases(d[, c(time, status, columns, strata)]), ]; d$e <- ifelse(d[[status]] == 0, 0, ifelse(d[[status]] == cause, 1, 2)); d$t <- d[[time]]; d$s <- as.character(d[[strata]]); X <- as.matrix(d[, columns, drop = FALSE])
  fg <- finegray(Surv(t, factor(e, 0:2)) ~ . + strata(s), data = d[, c("t", "e", "s", columns)], etype = 1)
  m <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(columns, collapse = "+"), "+ strata(s)")), weights = fgwt, data = fg, ties = "breslow", control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50))
  c0 <- crr(d$t, d$e, X, gtol = 1e-12, maxiter = 50)
  one <- solved(d$t, d$e, X, rep(1, nrow(d))); stopifnot(max(abs(c(one$b / c0$coef, one$errors / sqrt(diag(c0$var))) - 1)) < 1e-6)
  all <- solved(d$t, d$e, X, d$s); stopifnot(max(abs(all$b / coef(m) - 1)) < 3e-3)
  list(n = nrow(d), coefficients = unname(all$b), errors = unname(all$errors), finegray = unname(coef(m)))
}
pbc <- read.csv("../../data/pbc/pbc.csv"); pbc$placebo <- as.integer(pbc$trt == 2)
mel <- read.csv("datasets/melanoma.csv"); mgus2 <- read.csv("datasets/mgus2.csv"); colon <- read.csv("datasets/colon.csv"); mgus <- read.csv("datasets/mgus.csv")
colon$half <- colon$id %% 2; colon$lev <- as.integer(colon$rx == "Lev"); colon$lev5 <- as.integer(colon$rx == "Lev+5FU"); mgus2$old <- as.integer(mgus2$age > 70)
write(toJSON(list(
  pbc = fit(pbc, "time", "status", c("placebo", "age"), "stage", 2), melanoma = fit(mel, "time", "ended", c("thickness", "age"), "sex"),
  mgus2 = fit(mgus2, "etime", "ended", "age", "sex"), colon = fit(colon, "etime", "ended", c("lev", "lev5"), "half")
), digits = I(17), auto_unbox = TRUE, pretty = TRUE), "strata_of_subdistribution.json")
