# Writes further_kinds.json: what R says of its own data (datasets/*.csv, by datasets.R) and of small cases, for the kinds
# of plan that test_further_kinds.py asks for: Rscript further_kinds.R
suppressMessages({library(survival); library(MASS); library(cmprsk); library(jsonlite)})
options(warn = -1)
z <- qnorm(0.975)
of <- function(n) read.csv(paste0("datasets/", n, ".csv"))
use <- function(f, d) d[complete.cases(d[, all.vars(f)]), ]
wald <- function(b, s, critical = z) list(estimate = unname(b), low = unname(b - critical * s), high = unname(b + critical * s))
p_of <- function(t) list(statistic = unname(t$statistic), parameter = unname(t$parameter), p = t$p.value)

# A column: mean, t.test, quantile(type = 7), table, geometric mean by its definition
described <- function(n, v) { x <- of(n)[[v]]; k <- x[!is.na(x)]; m <- k - mean(k); t <- table(k); q <- quantile(k, c(0.05, 0.25, 0.5, 0.75, 0.9), names = FALSE)
  list(continuous = c(length(k), sum(is.na(x)), mean(k), sd(k), t.test(k)$conf.int, q[3], q[2], q[4], min(k), max(k), mean(m^3) / mean(m^2)^1.5),
       error = sd(k) / sqrt(length(k)), variance = var(k), percentiles = q[c(1, 5)], mode = as.numeric(names(t)[t == max(t)])[1], modes = sum(t == max(t)),
       geometric = if (all(k > 0)) exp(mean(log(k))) else NA, highest = as.numeric(rev(tail(names(t), 3))), times = as.numeric(rev(tail(t, 3)))) }
# A share: prop.test(correct = FALSE) and binom.test
share <- function(n, v, level) { x <- of(n)[[v]]; x <- x[!is.na(x)]; k <- sum(x == level); c(k, length(x), prop.test(k, length(x), correct = FALSE)$conf.int, binom.test(k, length(x))$conf.int) }
shares <- function(k, n) c(prop.test(k, n, correct = FALSE)$conf.int, binom.test(k, n)$conf.int)
# Two groups, the second compared with the first: t.test, wilcox.test(conf.int), effects by the formulas of groups.R
two <- function(x, y) { x <- x[!is.na(x)]; y <- y[!is.na(y)]; n <- length(x); m <- length(y); a <- t.test(x, y); b <- t.test(x, y, var.equal = TRUE); w <- wilcox.test(x, y, conf.int = TRUE)
  u <- outer(x, y, "-"); s <- sqrt(((n - 1) * var(x) + (m - 1) * var(y)) / (n + m - 2)); d <- (mean(x) - mean(y)) / s
  g <- d * exp(lgamma((n + m - 2) / 2) - log(sqrt((n + m - 2) / 2)) - lgamma((n + m - 3) / 2)); r <- mean(sign(u)); wide <- function(e) e + c(-1, 1) * z * sqrt((n + m) / (n * m) + e^2 / (2 * (n + m)))
  list(welch = c(mean(x) - mean(y), a$conf.int, a$statistic, a$parameter, a$p.value), student = c(mean(x) - mean(y), b$conf.int, b$statistic, b$parameter, b$p.value),
       wilcoxon = c((r + 1) / 2, w$statistic, w$p.value), median = median(u), shift = w$conf.int, exact = n < 50 && m < 50 && !anyDuplicated(c(x, y)),
       d = c(d, wide(d)), g = c(g, wide(g)), r = c(r, tanh(atanh(r) + c(-1, 1) * z * sqrt((n + m + 1) / (3 * n * m))))) }
pair_of <- function(n, v, by) { d <- of(n); l <- sort(unique(d[[by]])); two(d[[v]][which(d[[by]] == l[2])], d[[v]][which(d[[by]] == l[1])]) }
# More groups: oneway.test, kruskal.test, aov, TukeyHSD (its intervals by ptukey), pairwise.t.test, pairwise.wilcox.test
many <- function(n, v, by) { d <- of(n); keep <- !is.na(d[[v]]) & !is.na(d[[by]]); x <- d[[v]][keep]; g <- factor(d[[by]][keep]); k <- nlevels(g)
  a <- oneway.test(x ~ g, var.equal = TRUE); w <- oneway.test(x ~ g); h <- kruskal.test(x ~ g); fit <- aov(x ~ g); s <- summary(fit)[[1]]; u <- TukeyHSD(fit)$g; size <- tabulate(g); j <- combn(k, 2)
  width <- uniroot(function(q) ptukey(q, k, fit$df.residual) - 0.95, c(0.1, 50), tol = 1e-13)$root; e <- sqrt(s[2, 3] / 2 * (1 / size[j[1, ]] + 1 / size[j[2, ]]))
  order <- function(m) apply(j, 2, function(i) m[i[2] - 1, i[1]])
  list(anova = c(a$statistic, a$parameter, a$p.value), welch = c(w$statistic, w$parameter, w$p.value), kruskal = c(h$statistic, h$parameter, h$p.value), eta = s[1, 2] / sum(s[, 2]), epsilon = unname(h$statistic) / (length(x) - 1),
       tukey = list(estimate = unname(u[, 1]), low = unname(u[, 1] - width * e), high = unname(u[, 1] + width * e), p = unname(u[, 4])),
       t = order(pairwise.t.test(x, g, pool.sd = FALSE, p.adjust.method = "none")$p.value), t_holm = order(pairwise.t.test(x, g, pool.sd = FALSE)$p.value),
       ranks = order(pairwise.wilcox.test(x, g, p.adjust.method = "none")$p.value), ranks_holm = order(pairwise.wilcox.test(x, g)$p.value)) }
# Tables: chisq.test(correct = FALSE), fisher.test, Cramer's V; the effects by the formulas of reference.R; prop.trend.test
effects <- function(a, n, c, m) { p <- a / n; q <- c / m; u <- prop.test(a, n, correct = FALSE)$conf.int; v <- prop.test(c, m, correct = FALSE)$conf.int; d <- p - q
  rd <- c(d, d - sqrt((p - u[1])^2 + (v[2] - q)^2), d + sqrt((u[2] - p)^2 + (q - v[1])^2)); rr <- p / q * exp(c(0, -1, 1) * z * sqrt(1 / a - 1 / n + 1 / c - 1 / m))
  or <- a * (m - c) / ((n - a) * c) * exp(c(0, -1, 1) * z * sqrt(1 / a + 1 / (n - a) + 1 / c + 1 / (m - c)))
  list(rd = rd, rr = rr, or = or, nnt = if (rd[2] > 0 || rd[3] < 0) 1 / c(abs(d), max(abs(rd[2:3])), min(abs(rd[2:3])))) }
levels2 <- function(n, event, by) { d <- of(n); e <- d[[event[[1]]]] == event[[2]]; g <- d[[by]]; keep <- !is.na(e) & !is.na(g); t <- table(g[keep], factor(e[keep], c(FALSE, TRUE))); k <- chisq.test(t, correct = FALSE)
  list(chi = c(k$statistic, k$parameter, k$p.value), fisher = fisher.test(t, workspace = 2e7)$p.value, small = min(k$expected) < 5, v = sqrt(unname(k$statistic) / (sum(t) * (min(dim(t)) - 1))),
       effects = if (nrow(t) == 2) effects(t[2, 2], sum(t[2, ]), t[1, 2], sum(t[1, ])), trend = if (nrow(t) > 2) p_of(prop.trend.test(t[, 2], rowSums(t)))) }
# Before and after: t.test(paired), wilcox.test(paired, digits.rank = 10), whose interval leaves out zeros, which count here:
# then by Hollander & Wolfe 1999, 3.3, among the averages of all pairs; mcnemar.test(correct = FALSE), binom.test
paired <- function(n, before, after) { d <- na.omit(of(n)[, c(before, after)]); x <- d[[2]]; y <- d[[1]]; t <- t.test(x, y, paired = TRUE); e <- round(x - y, 10); w <- wilcox.test(x, y, paired = TRUE, conf.int = TRUE, digits.rank = 10)
  k <- length(e); a <- outer(e, e, "+") / 2; a <- sort(a[lower.tri(a, diag = TRUE)]); i <- round(k * (k + 1) / 4 - z * sqrt(k * (k + 1) * (2 * k + 1) / 24)); zeros <- any(e == 0)
  list(t = c(t$estimate, t$conf.int, t$statistic, t$parameter, t$p.value), v = c(w$statistic, w$p.value), median = median(a),
       interval = if (zeros) a[c(i, length(a) + 1 - i)] else w$conf.int, exact = zeros || (k < 50 && !anyDuplicated(abs(e)))) }
discordant <- function(n, before, after, above) { d <- na.omit(of(n)[, c(before, after)]); b <- d[[1]] > above[1]; a <- d[[2]] > above[2]; m <- mcnemar.test(table(factor(b, 0:1 == 1), factor(a, 0:1 == 1)), correct = FALSE)
  list(n = c(sum(a & b), sum(b & !a), sum(a & !b), sum(!a & !b)), test = c(m$statistic, m$p.value), exact = binom.test(sum(b & !a), sum(a != b))$p.value) }
# Two columns: cor.test of all three kinds; the intervals of rho and tau by Bonett & Wright 2000
together <- function(n, one, other) { d <- na.omit(of(n)[, c(one, other)]); x <- d[[1]]; y <- d[[2]]; k <- nrow(d); p <- cor.test(x, y); s <- cor.test(x, y, method = "spearman"); t <- cor.test(x, y, method = "kendall")
  wide <- function(r, v, f) tanh(atanh(r) + c(-1, 1) * z * sqrt(v / f)); rho <- unname(s$estimate); tau <- unname(t$estimate)
  list(pearson = c(p$estimate, p$conf.int, p$statistic, p$parameter, p$p.value), spearman = c(rho, wide(rho, 1 + rho^2 / 2, k - 3), s$statistic, s$p.value), kendall = c(tau, wide(tau, 0.437, k - 4), t$statistic, t$p.value)) }
# Models: lm, glm, drop1; sandwich::vcovHC and sandwich, car::vif from their definitions
rob <- function(m, hc3) { x <- model.matrix(m); e <- if (hc3) residuals(m) / (1 - hatvalues(m)) else residuals(m, "working") * weights(m, "working"); b <- if (hc3) solve(crossprod(x)) else summary(m)$cov.unscaled; sqrt(diag(b %*% crossprod(x * e) %*% b))[-1] }
vif <- function(m) { v <- cov2cor(vcov(m)[-1, -1]); unname(diag(solve(v))) }
linear <- function(n, f) { d <- use(f, of(n)); m <- lm(f, d); s <- summary(m); k <- qt(0.975, m$df.residual)
  list(model = wald(coef(m)[-1], coef(s)[-1, 2], k), p = unname(coef(s)[-1, 4]), f = unname(s$fstatistic), r2 = c(s$r.squared, s$adj.r.squared), robust = wald(coef(m)[-1], rob(m, TRUE), k), vif = vif(m)) }
exactly <- function(f, d, family) { m <- glm(f, family, d, control = glm.control(epsilon = 1e-14, maxit = 100)); glm(f, family, d, start = coef(m)) }
generalised <- function(n, f, family) { d <- use(f, of(n)); m <- exactly(f, d, family); s <- coef(summary(m))[-1, , drop = FALSE]; q <- m$null.deviance - m$deviance; k <- m$df.null - m$df.residual
  list(model = wald(s[, 1], s[, 2]), p = unname(s[, 4]), test = c(q, k, pchisq(q, k, lower.tail = FALSE)), robust = wald(s[, 1], rob(m, FALSE)), vif = if (nrow(s) > 1) vif(m)) }
spread <- function(n, f) { d <<- use(f, of(n)); theta <- glm.nb(f, d, control = glm.control(epsilon = 1e-14, maxit = 200))$theta
  for (i in 1:60) { m <- glm(f, negative.binomial(theta), d, control = glm.control(epsilon = 1e-15, maxit = 100)); theta <- as.numeric(theta.ml(m$y, fitted(m), limit = 100, eps = 1e-12)) }
  m <- glm(f, negative.binomial(theta), d, start = coef(m), control = glm.control(epsilon = 1e-15, maxit = 100)); c(wald(coef(m)[-1], sqrt(diag(summary(m, dispersion = 1)$cov.scaled))[-1]), theta = theta) }
ordered_by <- function(n, f) { d <- use(f, of(n)); d[[all.vars(f)[1]]] <- factor(d[[all.vars(f)[1]]]); d <<- d; x <- model.matrix(f, d)[, -1, drop = FALSE]; y <- as.integer(d[[all.vars(f)[1]]]); m <- polr(f, d, Hess = TRUE, control = list(reltol = 1e-16, maxit = 2000)); k <- length(m$zeta)
  slope <- function(v) { c0 <- c(-Inf, v[seq_len(k)], Inf); e <- drop(x %*% v[-seq_len(k)]); P <- plogis(c0[y + 1] - e) - plogis(c0[y] - e); a <- dlogis(c0[y + 1] - e) / P; b <- dlogis(c0[y] - e) / P
    c(sapply(seq_len(k), function(j) sum(a * (y == j)) - sum(b * (y == j + 1))), -colSums(x * (a - b))) }
  v <- c(m$zeta, m$coefficients); for (i in 1:20) { H <- sapply(seq_along(v), function(j) { h <- 1e-6 * max(1, abs(v[j])); u <- v; w <- v; u[j] <- v[j] + h; w[j] <- v[j] - h; (slope(u) - slope(w)) / (2 * h) }); v <- v - solve((H + t(H)) / 2, slope(v)) }
  i <- k + seq_len(ncol(x)); wald(v[i], sqrt(diag(solve(-(H + t(H)) / 2)))[i]) }
# What a model leaves out as told by others: coef(lm), coef(glm), coef(coxph) are NA there. glm is begun again from where it
# stops, since a smaller epsilon makes it overlook what is aliased
aliased <- function(n, f, more, family = NULL) { d <- of(n); d$copy <- more(d); d <- use(f, d)
  m <- if (is.null(family)) lm(f, d) else if (is.character(family)) coxph(f, d, control = coxph.control(eps = 1e-13, toler.chol = 1e-14)) else glm(f, family, d)
  if (is.list(family)) for (i in 1:5) { b <- coef(m); b[is.na(b)] <- 0; m <- glm(f, family, d, start = b) }
  b <- coef(m); if (names(b)[1] == "(Intercept)") b <- b[-1]; left <- names(b)[is.na(b)]; k <- names(b)[!is.na(b)]; s <- sqrt(diag(vcov(m)))[k]
  c(wald(b[k], s, if (is.null(family)) qt(0.975, m$df.residual) else z), list(left = left)) }
# Time until an event: survfit(conf.type = "log-log"), survdiff, coxph, cox.zph; RMST and its difference by survfit's rmean
curves <- function(n, time, event, by, at, strata = NULL) { d <- of(n); d <- data.frame(t = d[[time]], e = d[[event[[1]]]] == event[[2]], g = d[[by]], k = if (is.null(strata)) 1 else d[[strata]]); d <<- d[complete.cases(d), ]; d <- get("d", globalenv()); l <- sort(unique(d$g)); until <- min(tapply(d$t, d$g, max))
  one <- function(v) { h <- d[d$g == v, ]; f <- survfit(Surv(t, e) ~ 1, h, conf.type = "log-log"); q <- quantile(f, 0.5); s <- summary(f, times = at); r <- quantile(survfit(Surv(t, !e) ~ 1, h, conf.type = "log-log"), 0.5); m <- summary(f, rmean = until)$table
    list(median = unname(c(q$quantile, q$lower, q$upper)), followed = unname(c(r$quantile, r$lower, r$upper)), at = c(s$n.risk, s$surv, s$lower, s$upper), mean = unname(c(m["rmean"], m[grep("se", names(m))]))) }
  g <- lapply(l, one); s <- survdiff(if (is.null(strata)) Surv(t, e) ~ g else Surv(t, e) ~ g + strata(k), d); df <- length(l) - 1
  m <- coxph(if (is.null(strata)) Surv(t, e) ~ factor(g) else Surv(t, e) ~ factor(g) + strata(k), d, control = coxph.control(eps = 1e-13, toler.chol = 1e-14)); p <- cox.zph(m)$table; b <- coef(m); w <- sqrt(diag(vcov(m)))
  mean <- g[[2]]$mean - g[[1]]$mean; se <- sqrt(g[[2]]$mean[2]^2 + g[[1]]$mean[2]^2) # Royston & Parmar 2013
  list(groups = g, rank = c(s$chisq, df, pchisq(s$chisq, df, lower.tail = FALSE)), hazard = list(estimate = unname(exp(b)), low = unname(exp(b - z * w)), high = unname(exp(b + z * w))), zph = unname(p[nrow(p), ]),
       until = until, difference = if (df == 1) c(mean[1], mean[1] - z * se, mean[1] + z * se, mean[1] / se, 2 * pnorm(-abs(mean[1] / se)))) }
cox <- function(n, f) { d <<- use(f, of(n)); m <- coxph(f, d, control = coxph.control(eps = 1e-13, toler.chol = 1e-14)); r <- coxph(f, d, robust = TRUE, control = coxph.control(eps = 1e-13, toler.chol = 1e-14)); p <- cox.zph(m)$table; t <- summary(m)$logtest
  list(model = wald(coef(m), sqrt(diag(vcov(m)))), robust = wald(coef(r), sqrt(diag(vcov(r)))), test = unname(t), zph = unname(p[, "chisq"]), n = c(m$n, m$nevent)) }
competing <- function(n, time, by) { d <- of(n); g <- d[[by]]; x <- model.matrix(~ factor(g))[, -1, drop = FALSE]; m <- crr(d[[time]], d$ended, x, gtol = 1e-12, maxiter = 100); wald(m$coef, sqrt(diag(m$var))) }
# Cohen's kappa by its large-sample interval (Fleiss, Cohen & Everitt 1969), as agreement.R has it
kappa <- function(n, one, other) { d <- na.omit(of(n)[, c(one, other)]); l <- sort(unique(unlist(d))); t <- table(factor(d[[1]], l), factor(d[[2]], l)); k <- sum(t); p <- t / k; r <- rowSums(p); c <- colSums(p); o <- sum(diag(p)); e <- sum(r * c); q <- (o - e) / (1 - e)
  w <- diag(length(l)); v <- 0; for (i in seq_along(l)) for (j in seq_along(l)) v <- v + p[i, j] * (w[i, j] - (sum(w[i, ] * c) + sum(w[, j] * r)) * (1 - q))^2; v <- (v - (q - e * (1 - q))^2) / (k * (1 - e)^2); c(q, q - z * sqrt(v), q + z * sqrt(v)) }
# Balance: Austin 2009; Yang & Dalton 2012
smd <- function(n, by, numbers, words) { d <- of(n); l <- sort(unique(d[[by]])); a <- d[d[[by]] == l[1], ]; b <- d[d[[by]] == l[2], ]
  number <- function(v) abs(mean(a[[v]], na.rm = TRUE) - mean(b[[v]], na.rm = TRUE)) / sqrt((var(a[[v]], na.rm = TRUE) + var(b[[v]], na.rm = TRUE)) / 2)
  word <- function(v) { u <- sort(unique(d[[v]])); p <- prop.table(table(factor(a[[v]], u)))[-1]; q <- prop.table(table(factor(b[[v]], u)))[-1]; s <- function(p) diag(p, length(p)) - outer(p, p); x <- p - q; sqrt(drop(t(x) %*% ginv((s(p) + s(q)) / 2) %*% x)) }
  c(sapply(numbers, number), sapply(words, word)) }
absent <- function(n, columns, by) { d <- of(n); lapply(columns, function(v) { t <- table(d[[by]], factor(is.na(d[[v]]), c(FALSE, TRUE))); k <- chisq.test(t, correct = FALSE)
  list(n = sum(t[, 2]), p = if (any(colSums(t) == 0)) NA else if (min(k$expected) < 5) fisher.test(t)$p.value else k$p.value) }) }
frequent <- function(n, v) { t <- table(of(n)[[v]]); t <- t[order(-t, names(t))]; list(levels = names(t), n = as.integer(t)) }
banded <- function(n, v, cuts) as.integer(table(cut(of(n)[[v]], c(-Inf, cuts, Inf), right = FALSE)))
counted <- function(n, v, edges) hist(of(n)[[v]], breaks = edges, right = FALSE, plot = FALSE)$counts
# Every visit of everyone: the mixed model's tests are those of aov with Error, its SDs those of the mean squares
pines <- function() { d <- read.csv("mixed_loblolly.csv"); d$id <- factor(d$id); k <- length(unique(d$visit)); a <- summary(aov(y ~ factor(visit) + Error(id), d)); b <- a[[1]][[1]]; w <- a[[2]][[1]]
  list(visits = unname(c(w$`F value`[1], w$Df, w$`Pr(>F)`[1])), sd = c(sqrt((b$`Mean Sq`[1] - w$`Mean Sq`[2]) / k), sqrt(w$`Mean Sq`[2])), means = unname(tapply(d$y, d$visit, mean))) }
# Small cases: one event, no event in a group, two of each, all alike but one, an empty level
one_event <- data.frame(t = c(2, 3, 5, 7, 8, 9), e = c(0, 0, 1, 0, 0, 0), g = c(1, 2, 1, 2, 1, 2))
small <- list(
  one_event = { f <- survfit(Surv(t, e) ~ 1, one_event, conf.type = "log-log"); s <- summary(f, times = c(4, 6)); r <- survdiff(Surv(t, e) ~ g, one_event); list(at = c(s$surv, s$lower, s$upper), rank = r$chisq) },
  two_of_each = two(c(3, 7), c(1, 4.5)), ties = two(c(1, 1, 1, 2, 2, 9), c(1, 1, 2, 2, 2, 2)),
  no_event = list(fisher = fisher.test(rbind(c(0, 9), c(4, 6)))$p.value, chi = chisq.test(rbind(c(0, 9), c(4, 6)), correct = FALSE)$statistic, shares = shares(0, 9)),
  shares = lapply(list(c(0, 1), c(1, 1), c(0, 25), c(25, 25), c(1, 3), c(5, 10000), c(999999, 1000000)), function(k) c(k, shares(k[1], k[2]))),
  empty_level = { k <- chisq.test(rbind(c(5, 9), c(8, 3)), correct = FALSE); c(k$statistic, k$parameter, k$p.value) },
  poisson = lapply(list(c(0, 12.5), c(1, 0.25), c(3, 1e6)), function(k) c(k, poisson.test(k[1], k[2])$conf.int)))

d <- NULL # which coxph and others look for where it is not a function's own
write(toJSON(list(
  described = list(birthwt = described("birthwt", "bwt"), pima = described("pima", "glu"), airquality = described("airquality", "Ozone"), lung = described("lung", "age"), iris = described("iris", "Petal.Length"), mgus2 = described("mgus2", "futime")),
  share = list(birthwt = share("birthwt", "low", 1), pima = share("pima", "type", 1), lung = share("lung", "status", 2), melanoma = share("melanoma", "ulcer", 1), infert = share("infert", "case", 1), ovarian = share("ovarian", "fustat", 1)),
  two = list(birthwt = pair_of("birthwt", "bwt", "smoke"), pima = pair_of("pima", "bmi", "type"), lung = pair_of("lung", "age", "sex"), veteran = pair_of("veteran", "karno", "trt"), growth = pair_of("growth", "len", "supp"), ovarian = pair_of("ovarian", "age", "rx"), leukemia = pair_of("leukemia", "time", "x")),
  many = list(birthwt = many("birthwt", "bwt", "race"), airquality = many("airquality", "Ozone", "Month"), iris = many("iris", "Sepal.Length", "Species"), veteran = many("veteran", "time", "celltype"), chick = many("chick", "v20", "Diet"), growth = many("growth", "len", "dose")),
  tables = list(birthwt = levels2("birthwt", list("low", 1), "smoke"), veteran = levels2("veteran", list("prior", 10), "celltype"), lung = levels2("lung", list("status", 2), "sex"), mgus2 = levels2("mgus2", list("death", 1), "sex"), melanoma = levels2("melanoma", list("ulcer", 1), "sex"), ovarian = levels2("ovarian", list("fustat", 1), "rx"), infert = levels2("infert", list("case", 1), "spontaneous"), race = levels2("birthwt", list("low", 1), "race"), cars = levels2("cars", list("am", 1), "gear")),
  paired = list(anorexia = paired("anorexia", "Prewt", "Postwt"), immer = paired("immer", "Y1", "Y2"), iris = paired("iris", "Sepal.Width", "Petal.Length"), teeth = paired("teeth", "v8", "v14"), chick = paired("chick", "v0", "v20"), albumin = paired("albumin", "v1", "v2")),
  discordant = list(anorexia = discordant("anorexia", "Prewt", "Postwt", c(83, 83)), immer = discordant("immer", "Y1", "Y2", c(100, 100)), iris = discordant("iris", "Sepal.Length", "Petal.Length", c(6, 3)), teeth = discordant("teeth", "v8", "v10", c(22, 23)), albumin = discordant("albumin", "v1", "v2", c(3.5, 3.5))),
  together = list(airquality = together("airquality", "Ozone", "Temp"), trees = together("trees", "Girth", "Height"), cars = together("cars", "mpg", "wt"), pima = together("pima", "glu", "bmi"), attitude = together("attitude", "rating", "complaints"), birthwt = together("birthwt", "lwt", "bwt")),
  linear = list(birthwt = linear("birthwt", bwt ~ smoke + age + lwt), airquality = linear("airquality", Ozone ~ Wind + Temp + Solar.R), pima = linear("pima", bmi ~ glu + age + skin), cars = linear("cars", mpg ~ wt + hp), iris = linear("iris", Petal.Width ~ Petal.Length + Sepal.Width), trees = linear("trees", Volume ~ Girth + Height)),
  logistic = list(birthwt = generalised("birthwt", low ~ smoke + age + lwt, binomial()), pima = generalised("pima", type ~ glu + bmi + age, binomial()), infert = generalised("infert", case ~ age + spontaneous + induced, binomial()), lung = generalised("lung", I(status == 2) ~ age + sex, binomial()), melanoma = generalised("melanoma", I(status == 1) ~ thickness + age + ulcer, binomial())),
  poisson = list(birthwt = generalised("birthwt", ftv ~ age + lwt, poisson()), seizures = generalised("seizures", y ~ factor(trt), poisson()), breaks = generalised("breaks", breaks ~ factor(tension), poisson()), pima = generalised("pima", npreg ~ age + bmi, poisson()), infert = generalised("infert", spontaneous ~ age + induced, poisson()), bladder = generalised("bladder", recurrences ~ months, poisson())),
  spread = list(pima = spread("pima", npreg ~ age + bmi), seizures = spread("seizures", y ~ factor(trt)), breaks = spread("breaks", breaks ~ factor(tension)), bladder = spread("bladder", recurrences ~ months), airquality = spread("airquality", Solar.R ~ Wind + Temp), absence = spread("absence", days ~ factor(sex) + factor(age))),
  ordered = list(infert = ordered_by("infert", spontaneous ~ age + induced), birthwt = ordered_by("birthwt", race ~ age + lwt), lung = ordered_by("lung", ph.ecog ~ age + time), cars = ordered_by("cars", gear ~ mpg + qsec), airquality = ordered_by("airquality", Month ~ Temp + Wind)),
  aliased = list(birthwt = aliased("birthwt", bwt ~ smoke + lwt + copy + age, function(d) 2 * d$lwt + 1), pima = aliased("pima", type ~ glu + age + copy, function(d) d$glu - d$age, binomial()), cars = aliased("cars", mpg ~ wt + hp + copy, function(d) 3 - d$hp), lung = aliased("lung", Surv(time, status == 2) ~ age + sex + copy, function(d) 5 * d$age, "cox"), infert = aliased("infert", spontaneous ~ induced + age + copy, function(d) d$induced + 2 * d$age, poisson()), chick = aliased("chick", v20 ~ v0 + factor(Diet) + factor(copy), function(d) ifelse(d$Diet < 3, 1, 2))),
  curves = list(lung = curves("lung", "time", list("status", 2), "sex", c(180, 365)), veteran = curves("veteran", "time", list("status", 1), "celltype", c(50, 100)), ovarian = curves("ovarian", "futime", list("fustat", 1), "rx", c(400, 600)), leukemia = curves("leukemia", "time", list("status", 1), "x", c(10, 25)), mgus2 = curves("mgus2", "futime", list("death", 1), "sex", c(60, 120)), melanoma = curves("melanoma", "time", list("status", 1), "sex", c(1000, 2000), "ulcer"), arms = curves("veteran", "time", list("status", 1), "trt", c(50, 100), "celltype"), liver = curves("liver", "time", list("ended", 1), "sex", c(1000, 2000))),
  cox = list(lung = cox("lung", Surv(time, status == 2) ~ age + sex), veteran = cox("veteran", Surv(time, status) ~ karno + age + trt), ovarian = cox("ovarian", Surv(futime, fustat) ~ age + resid.ds), mgus2 = cox("mgus2", Surv(futime, death) ~ age), melanoma = cox("melanoma", Surv(time, status == 1) ~ thickness + age + strata(ulcer)), leukemia = cox("leukemia", Surv(time, status) ~ factor(x))),
  competing = list(mgus2 = competing("mgus2", "etime", "sex"), melanoma = competing("melanoma", "time", "sex"), colon = competing("colon", "etime", "rx"), mgus = competing("mgus", "etime", "sex"), liver = competing("liver", "time", "sex")),
  kappa = list(infert = kappa("infert", "induced", "spontaneous"), cars = kappa("cars", "vs", "am"), birthwt = kappa("birthwt", "smoke", "ui"), low = kappa("birthwt", "ht", "low"), melanoma = kappa("melanoma", "ulcer", "sex")),
  balance = list(birthwt = smd("birthwt", "smoke", c("age", "lwt"), c("race", "ht")), pima = smd("pima", "type", c("glu", "bmi"), "npreg"), lung = smd("lung", "sex", c("age", "time"), "ph.ecog"), veteran = smd("veteran", "trt", c("age", "karno"), c("celltype", "prior")), melanoma = smd("melanoma", "sex", c("age", "thickness"), "ulcer")),
  absent = list(airquality = absent("airquality", c("Ozone", "Solar.R", "Wind"), "Month"), lung = absent("lung", c("ph.ecog", "age"), "sex"), albumin = absent("albumin", c("v1", "v2", "v3"), "trt"), leukemia = absent("leukemia", "time", "x"), birthwt = absent("birthwt", "bwt", "smoke")),
  frequent = list(birthwt = frequent("birthwt", "race"), veteran = frequent("veteran", "celltype"), infert = frequent("infert", "education"), iris = frequent("iris", "Species"), hair = frequent("hair", "Hair"), housing = frequent("housing", "Type")),
  banded = list(birthwt = banded("birthwt", "age", c(20, 30)), pima = banded("pima", "bmi", c(25, 30)), lung = banded("lung", "age", c(50, 65)), airquality = banded("airquality", "Temp", c(70, 85)), melanoma = banded("melanoma", "thickness", c(1, 4))),
  pines = pines(), small = small
), digits = I(17), auto_unbox = TRUE, na = "null", null = "null"), "further_kinds.json")
