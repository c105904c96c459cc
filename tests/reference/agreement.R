# Writes agreement.json, what R says of the numbers that test_agree.py asks for: Rscript agreement.R
# No package of agreement is needed: each formula is written out, its source beside it.
library(jsonlite)

z <- qnorm(0.975)
d <- read.csv("../../data/pbc/pbc.csv")
kappa <- function(t, w) {  # Cohen 1960 and 1968; large-sample variance of Fleiss, Cohen & Everitt 1969
  n <- sum(t); p <- t / n; r <- rowSums(p); c <- colSums(p)
  po <- sum(w * p); pe <- sum(w * outer(r, c)); k <- (po - pe) / (1 - pe)
  wr <- as.vector(w %*% c); wc <- as.vector(t(w) %*% r)
  v <- 0
  for (i in seq_along(r)) for (j in seq_along(c)) v <- v + p[i, j] * (w[i, j] - (wr[i] + wc[j]) * (1 - k))^2
  se <- sqrt((v - (k - pe * (1 - k))^2) / (n * (1 - pe)^2))
  list(estimate = k, low = k - z * se, high = k + z * se)
}
squares <- function(k) 1 - outer(1:k, 1:k, function(i, j) (i - j)^2) / (k - 1)^2
both <- function(t) list(kappa = kappa(t, diag(nrow(t))), weighted = kappa(t, squares(nrow(t))))
measure <- function(x, y) {
  keep <- !is.na(x) & !is.na(y); x <- x[keep]; y <- y[keep]; n <- length(x); k <- 2
  e <- x - y; s <- sd(e); t <- qt(0.975, n - 1)
  bias <- t.test(e)$conf.int
  reach <- t * s * sqrt(1 / n + z^2 / (2 * (n - 1)))  # Bland & Altman 1999, section 2
  m <- anova(lm(v ~ factor(s) + factor(r), data.frame(v = c(x, y), s = rep(1:n, 2), r = rep(1:2, each = n))))[["Mean Sq"]]
  MSB <- m[1]; MSJ <- m[2]; MSE <- m[3]
  icc <- (MSB - MSE) / (MSB + (k - 1) * MSE + k * (MSJ - MSE) / n)  # Shrout & Fleiss 1979, ICC(2,1)
  Fj <- MSJ / MSE
  v <- ((k - 1) * (n - 1) * (k * icc * Fj + n * (1 + (k - 1) * icc) - k * icc)^2) /
    ((n - 1) * k^2 * icc^2 * Fj^2 + (n * (1 + (k - 1) * icc) - k * icc)^2)
  FU <- qf(0.975, n - 1, v); FL <- qf(0.975, v, n - 1)
  ilow <- n * (MSB - FU * MSE) / (FU * (k * MSJ + (k * n - k - n) * MSE) + n * MSB)
  ihigh <- n * (FL * MSB - MSE) / (k * MSJ + (k * n - k - n) * MSE + n * FL * MSB)
  sx <- var(x) * (n - 1) / n; sy <- var(y) * (n - 1) / n; sxy <- cov(x, y) * (n - 1) / n; r <- cor(x, y)
  p <- 2 * sxy / (sx + sy + (mean(x) - mean(y))^2)  # Lin 1989
  u <- (mean(x) - mean(y)) / sqrt(sqrt(sx) * sqrt(sy))
  se <- sqrt(((1 - r^2) * p^2 * (1 - p^2) / r^2 + 2 * p^3 * (1 - p) * u^2 / r - p^4 * u^4 / (2 * r^2)) / (n - 2)) / (1 - p^2)
  list(n = n, bias = mean(e), bias_low = bias[1], bias_high = bias[2],
       lower = mean(e) - z * s, lower_low = mean(e) - z * s - reach, lower_high = mean(e) - z * s + reach,
       upper = mean(e) + z * s, upper_low = mean(e) + z * s - reach, upper_high = mean(e) + z * s + reach,
       icc = icc, icc_low = ilow, icc_high = ihigh, ccc = p, ccc_low = tanh(atanh(p) - z * se), ccc_high = tanh(atanh(p) + z * se))
}
shrout <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), ncol = 4, byrow = TRUE)
again <- pmin(4, pmax(1, d$stage + (d$platelet %% 3 == 0) - (d$platelet %% 5 == 0)))
keep <- !is.na(d$stage) & !is.na(again)
out <- list(
  stages = both(table(factor(d$stage[keep], 1:4), factor(again[keep], 1:4))),
  two = both(matrix(c(40, 9, 6, 25), 2)), three = both(matrix(c(11, 3, 1, 4, 12, 2, 0, 5, 20), 3)),
  judges = measure(shrout[, 1], shrout[, 4]),
  copper = measure(d$copper, d$chol / 4), age = measure(d$age, d$age + (d$platelet %% 7) - 2)
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "agreement.json")
