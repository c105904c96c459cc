# Writes designs.json, what R says of the numbers that test_change.py, test_stratified.py and test_repeated.py ask for:
# Rscript designs.R
library(jsonlite)
options(warn = -1)

d <- read.csv("../../data/pbc/pbc.csv")
d$arm <- relevel(factor(d$trt, labels = c("drug", "placebo")), "placebo")
rct <- read.csv("../../data/indo_rct/indo_rct.csv", na.strings = c("", "NA"))

ancova <- function(before, after, g) {
  keep <- !is.na(before) & !is.na(after) & !is.na(g)
  x <- before[keep]; y <- after[keep]; g <- droplevels(factor(g[keep])); n <- nlevels(g) - 1
  m <- lm(y ~ x + g); s <- coef(summary(m)); i <- grep("^g", rownames(s)); ci <- confint(m)[i, , drop = FALSE]
  a <- anova(lm(y ~ x), m); slopes <- anova(m, lm(y ~ x * g))
  mean_at <- predict(m, data.frame(x = mean(x), g = levels(g)), interval = "confidence")
  list(n = length(y), estimate = unname(s[i, 1]), low = unname(ci[, 1]), high = unname(ci[, 2]), t = unname(s[i, 3]),
       p = unname(s[i, 4]), df = m$df.residual, f = c(a$F[2], n, m$df.residual, a$`Pr(>F)`[2]),
       slopes = c(slopes$F[2], slopes$`Pr(>F)`[2]), means = unname(mean_at))
}
strata <- function(event, group, stratum) { # group: TRUE is compared with FALSE
  keep <- !is.na(event) & !is.na(group) & !is.na(stratum)
  e <- factor(event[keep], c(TRUE, FALSE)); g <- factor(group[keep], c(TRUE, FALSE)); k <- factor(stratum[keep])
  t <- table(g, e, k); m <- mantelhaen.test(t, correct = FALSE); or <- unname(m$estimate); bd <- 0
  for (i in seq_len(dim(t)[3])) { # Breslow & Day 1980, p. 142, as DescTools::BreslowDayTest without correction
    x <- t[, , i]; n1 <- sum(x[1, ]); m1 <- sum(x[, 1]); n <- sum(x)
    a <- uniroot(function(a) a * (n - n1 - m1 + a) - or * (n1 - a) * (m1 - a), c(max(0, n1 + m1 - n), min(n1, m1)), tol = 1e-14)$root
    bd <- bd + (x[1, 1] - a)^2 * (1 / a + 1 / (n1 - a) + 1 / (m1 - a) + 1 / (n - n1 - m1 + a))
  }
  n <- apply(t, 3, sum); n1 <- apply(t[1, , ], 2, sum); n0 <- n - n1; a <- t[1, 1, ]; c <- t[2, 1, ]
  rr <- sum(a * n0 / n) / sum(c * n1 / n) # Greenland & Robins 1985
  v <- sum((n1 * n0 * (a + c) - a * c * n) / n^2) / (sum(a * n0 / n) * sum(c * n1 / n))
  list(or = c(or, m$conf.int), rr = c(rr, rr * exp(c(-1, 1) * qnorm(0.975) * sqrt(v))),
       cmh = c(unname(m$statistic), m$p.value), bd = c(bd, dim(t)[3] - 1, pchisq(bd, dim(t)[3] - 1, lower.tail = FALSE)))
}
times <- function(m, events = FALSE) {
  m <- m[complete.cases(m), ]; f <- friedman.test(as.matrix(m)); n <- nrow(m); k <- ncol(m)
  pairs <- combn(k, 2)
  p <- apply(pairs, 2, function(i) if (events) { b <- sum(m[, i[1]] > m[, i[2]]); c <- sum(m[, i[1]] < m[, i[2]]); binom.test(b, b + c)$p.value }
    else wilcox.test(m[, i[2]], m[, i[1]], paired = TRUE, digits.rank = 10)$p.value)
  q <- (k - 1) * (k * sum(colSums(m)^2) - sum(m)^2) / (k * sum(m) - sum(rowSums(m)^2)) # Cochran 1950
  list(n = n, test = c(unname(f$statistic), unname(f$parameter), f$p.value), w = unname(f$statistic) / (n * (k - 1)), q = q,
       pairs = p, holm = p.adjust(p, "holm"))
}
margin_means <- function(x, y, m) {
  a <- t.test(x, y, mu = -m, alternative = "greater"); b <- t.test(x, y, mu = m, alternative = "less")
  list(estimate = mean(x, na.rm = TRUE) - mean(y, na.rm = TRUE), ci95 = t.test(x, y)$conf.int, ci90 = t.test(x, y, conf.level = 0.9)$conf.int,
       above = c(unname(a$statistic), unname(a$parameter), a$p.value), below = c(unname(b$statistic), unname(b$parameter), b$p.value))
}
margin_shares <- function(a, n, c, k, m) { # Newcombe 1998, method 10, at each z; p where its bound is the margin
  newcombe <- function(z) {
    w <- function(x, n) suppressWarnings(prop.test(x, n, conf.level = 2 * pnorm(z) - 1, correct = FALSE)$conf.int)
    p <- a / n; q <- c / k; u <- w(a, n); v <- w(c, k)
    c(p - q - sqrt((p - u[1])^2 + (v[2] - q)^2), p - q + sqrt((u[2] - p)^2 + (q - v[1])^2))
  }
  d <- a / n - c / k
  at <- function(f) uniroot(f, c(0.01, 8), tol = 1e-13)$root
  above <- if (d > -m) pnorm(at(function(z) newcombe(z)[1] + m), lower.tail = FALSE) else pnorm(at(function(z) newcombe(z)[2] + m))
  below <- if (d < m) pnorm(at(function(z) newcombe(z)[2] - m), lower.tail = FALSE) else pnorm(at(function(z) newcombe(z)[1] - m))
  list(estimate = d, ci95 = newcombe(qnorm(0.975)), ci90 = newcombe(qnorm(0.95)), above = above, below = below)
}
partial <- function(m, given, method) { # ppcor::pcor.test, from its definition; the interval of rho by Bonett & Wright 2000
  m <- m[complete.cases(m), ]; if (method == "spearman") m[] <- lapply(m, rank)
  x <- m[[1]]; y <- m[[2]]; z <- as.matrix(m[, -(1:2), drop = FALSE]); n <- nrow(m); q <- if (given) ncol(z) else 0
  r <- if (given) cor(resid(lm(x ~ z)), resid(lm(y ~ z))) else cor(x, y)
  t <- r * sqrt((n - 2 - q) / (1 - r^2))
  list(n = n, r = c(r, tanh(atanh(r) + c(-1, 1) * qnorm(0.975) * sqrt((if (method == "spearman") 1 + r^2 / 2 else 1) / (n - 3 - q)))), test = c(t, n - 2 - q, 2 * pt(-abs(t), n - 2 - q)))
}
some <- data.frame(d$albumin, d$bili, d$age, d$copper)
died <- d$status == 2
out <- list(
  change = list(copper_by_arm = ancova(d$chol / 4, d$copper, d$arm), copper_by_stage = ancova(d$chol / 4, d$copper, d$stage),
                albumin_by_sex = ancova(d$protime, d$albumin * 3, factor(d$sex))),
  times = list(numbers = times(data.frame(d$chol / 4, d$copper, d$platelet / 3)), tied = times(data.frame(d$stage, pmin(4, d$platelet %% 5), d$edema * 4)),
               events = times(data.frame(1 * (d$bili > 2), 1 * (d$copper > 80), 1 * (d$platelet > 250), 1 * (d$stage > 3)), TRUE)),
  margins = list(age_by_trt = margin_means(d$age[which(d$trt == 1)], d$age[which(d$trt == 2)], 4),
                 albumin_by_sex = margin_means(d$albumin[d$sex == "m"], d$albumin[d$sex == "f"], 0.05),
                 died_by_trt = margin_shares(65, 158, 60, 154, 0.1), outcome_by_rx = margin_shares(27, 295, 52, 307, 0.05)),
  partial = list(pearson = partial(some, TRUE, "pearson"), spearman = partial(some, TRUE, "spearman"),
                 alone = partial(some, FALSE, "pearson"), ranks = partial(some, FALSE, "spearman")),
  strata = list(died_in_stages = strata(died, d$trt == 1, d$stage), ascites_by_sex_in_stages = strata(d$ascites == 1, d$sex == "m", pmax(d$stage, 2)),
                outcome_in_sites = strata(rct$outcome == "1_yes", rct$rx == "1_indomethacin", ifelse(rct$site %in% c("3_UK", "4_Case"), "other", rct$site)))
)
write(toJSON(out, digits = I(17), auto_unbox = TRUE, na = "null", pretty = TRUE), "designs.json")
