# Writes pairs.json, what R says of the numbers that test_correlate.py and test_pair.py ask for: Rscript pairs.R
library(jsonlite)

d <- read.csv("../../data/pbc/pbc.csv")
z <- qnorm(0.975)
fisher <- function(r, v, f) if (f < 1 || abs(r) == 1) NULL else tanh(atanh(r) + c(-1, 1) * z * sqrt(v / f))
cors <- function(x, y) {
  keep <- !is.na(x) & !is.na(y)
  x <- x[keep]; y <- y[keep]; n <- length(x)
  p <- cor.test(x, y)
  s <- suppressWarnings(cor.test(x, y, method = "spearman"))
  k <- suppressWarnings(cor.test(x, y, method = "kendall"))
  rho <- unname(s$estimate); tau <- unname(k$estimate)
  list(n = n,
       pearson = list(estimate = unname(p$estimate), interval = p$conf.int, statistic = unname(p$statistic),
                      df = unname(p$parameter), p = p$p.value),
       spearman = list(estimate = rho, interval = fisher(rho, 1 + rho^2 / 2, n - 3), statistic = unname(s$statistic), p = s$p.value),
       kendall = list(estimate = tau, interval = fisher(tau, 0.437, n - 4), statistic = unname(k$statistic), p = k$p.value))
}
few <- list(x = c(3.1, 4.7, 1.2, 8.8, 6.5, 2.9, 7.4), y = c(2.2, 5.1, 1.9, 7.7, 8.3, 4.4, 6.1))
some <- list(x = c(44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1, 39.2, 48.3, 55.5),
             y = c(2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8, 1.9, 3.3, 2.4))
tied <- list(x = c(1, 1, 2, 2, 3, 4, 4, 5, 5, 5), y = c(2, 1, 2, 4, 4, 3, 5, 5, 6, 4))

pbc_age <- d$age; pbc_years <- round(d$age); pbc_later <- pbc_years + (d$platelet %% 7) - 2
change <- function(before, after) {
  keep <- !is.na(before) & !is.na(after)
  before <- before[keep]; after <- after[keep]
  t <- t.test(after, before, paired = TRUE)
  w <- suppressWarnings(wilcox.test(after, before, paired = TRUE, conf.int = TRUE, digits.rank = 10))
  e <- round(after - before, 10)
  walsh <- outer(e, e, "+") / 2
  list(n = length(e), mean = unname(t$estimate), interval = t$conf.int, t = unname(t$statistic), df = unname(t$parameter),
       p = t$p.value, V = unname(w$statistic), wilcoxon_p = w$p.value, pseudo_median = median(walsh[lower.tri(walsh, diag = TRUE)]),
       wilcoxon_interval = w$conf.int)
}
mcnemar <- function(a, b, c, d) {
  m <- matrix(c(a, c, b, d), 2)  # before in rows, after in columns, the event first
  n <- a + b + c + d
  wilson <- function(x) prop.test(x, n, correct = FALSE)$conf.int
  p1 <- (a + c) / n; p2 <- (a + b) / n  # after, before
  w1 <- wilson(a + c); w2 <- wilson(a + b)
  product <- (a + b) * (c + d) * (a + c) * (b + d)
  B <- a * d - b * c
  phi <- if (product == 0) 0 else (if (B > n / 2) B - n / 2 else if (B >= 0) 0 else B) / sqrt(product)
  dl <- p1 - w1[1]; eu <- w2[2] - p2; du <- w1[2] - p1; el <- p2 - w2[1]
  test <- mcnemar.test(m, correct = FALSE)
  list(difference = p1 - p2, low = (p1 - p2) - sqrt(dl^2 - 2 * phi * dl * eu + eu^2),
       high = (p1 - p2) + sqrt(du^2 - 2 * phi * du * el + el^2),
       statistic = unname(test$statistic), p = test$p.value, exact = binom.test(b, b + c)$p.value)
}
before <- c(140.1, 152.2, 138.3, 147.4, 160.5, 155.6, 149.7, 151.8)
after <- c(135.2, 150.9, 139.4, 140.3, 151.1, 148.8, 147.2, 152.4)

absent <- function(x, g, exact) {
  t <- table(g, is.na(x))
  if (exact) fisher.test(t)$p.value else chisq.test(t, correct = FALSE)$p.value
}
arms <- d[!is.na(d$trt), ]
alone <- list(chol = absent(arms$chol, arms$trt, FALSE), copper = absent(arms$copper, arms$trt, TRUE),
              trig = absent(arms$trig, arms$trt, FALSE), platelet = absent(arms$platelet, arms$trt, TRUE))

out <- list(
  absent = alone, absent_holm = as.list(p.adjust(unlist(alone), "holm")),
  few = cors(few$x, few$y), few_reversed = cors(few$x, -few$y), some = cors(some$x, some$y), tied = cors(tied$x, tied$y),
  age_albumin = cors(d$age, d$albumin), bili_copper = cors(d$bili, d$copper), stage_albumin = cors(d$stage, d$albumin),
  exact = change(before, after),
  rounded = change(round(before), round(after)),
  copper = change(d$chol / 4, d$copper),
  stages = change(d$stage, pmin(4, d$stage + (d$platelet %% 3 == 0) - (d$platelet %% 5 == 0))),
  few_discordant = mcnemar(12, 3, 9, 16), many_discordant = mcnemar(44, 31, 12, 55), none_before = mcnemar(0, 0, 7, 13),
  all_but_opposed = mcnemar(2, 14, 9, 3)
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "pairs.json")
