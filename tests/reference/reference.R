# Expected numbers for tests/analysis, each by the R function that METHODS names. Run in this folder:
#   Rscript reference.R > reference.json
# Base R and jsonlite only. R 4.2 wrote the committed file.
suppressPackageStartupMessages(library(jsonlite))
options(warn = -1)

pbc <- read.csv("../../data/pbc/pbc.csv", na.strings = c("", "NA"))
rct <- read.csv("../../data/indo_rct/indo_rct.csv", na.strings = c("", "NA", "NA_NA"))
small <- read.csv("small_groups.csv", na.strings = "")

moments <- function(x) { d <- x - mean(x); mean(d^3) / mean(d^2)^1.5 }
describe <- function(x) {
  n_missing <- sum(is.na(x)); x <- x[!is.na(x)]
  ci <- t.test(x)$conf.int; q <- quantile(x, c(.25, .5, .75), type = 7, names = FALSE)
  list(N = length(x), N_miss = n_missing, mean = mean(x), sd = sd(x), conf.low = ci[1], conf.high = ci[2],
       median = q[2], p25 = q[1], p75 = q[3], min = min(x), max = max(x), skewness = moments(x))
}
# The share of pairs in which x is the higher one (ties count half) from all pairs, not from W.
rank_sum <- function(x, y) {
  x <- x[!is.na(x)]; y <- y[!is.na(y)]; w <- wilcox.test(x, y); d <- outer(x, y, "-")
  list(superiority = mean((d > 0) + (d == 0) / 2), statistic = w$statistic, p.value = w$p.value)
}
two <- function(x, y) {
  t <- t.test(x, y)
  list(t_test_welch = list(estimate = mean(x, na.rm = TRUE) - mean(y, na.rm = TRUE), conf.low = t$conf.int[1],
                           conf.high = t$conf.int[2], statistic = t$statistic, parameter = t$parameter, p.value = t$p.value),
       wilcoxon = rank_sum(x, y))
}
many <- function(x, g) {
  a <- oneway.test(x ~ g); k <- kruskal.test(x ~ factor(g))
  list(anova_welch = list(statistic = a$statistic, parameter = a$parameter[1], parameter2 = a$parameter[2], p.value = a$p.value),
       kruskal_wallis = list(statistic = k$statistic, parameter = k$parameter, p.value = k$p.value))
}
wilson <- function(n, N) prop.test(n, N, correct = FALSE)$conf.int
chi <- function(t) {
  k <- chisq.test(t, correct = FALSE)
  list(statistic = k$statistic, parameter = k$parameter, p.value = k$p.value)
}
cramer <- function(t) list(estimate = sqrt(chisq.test(t, correct = FALSE)$statistic / (sum(t) * (min(dim(t)) - 1))))
# Newcombe RG. Stat Med 1998; 17: 873-890, method 10. Katz D et al. Biometrics 1978; 34: 469-474.
# Woolf B. Ann Hum Genet 1955; 19: 251-253. Altman DG. BMJ 1998; 317: 1309-1312.
effects <- function(a, n, c, m) {
  z <- qnorm(.975); p <- a / n; q <- c / m; d <- p - q; w1 <- wilson(a, n); w2 <- wilson(c, m)
  low <- d - sqrt((p - w1[1])^2 + (w2[2] - q)^2); high <- d + sqrt((w1[2] - p)^2 + (q - w2[1])^2)
  rr <- p / q; se <- sqrt(1/a - 1/n + 1/c - 1/m)
  or <- a * (m - c) / ((n - a) * c); so <- sqrt(1/a + 1/(n - a) + 1/c + 1/(m - c))
  out <- list(risk_difference = list(estimate = d, conf.low = low, conf.high = high),
       risk_ratio = list(estimate = rr, conf.low = rr * exp(-z * se), conf.high = rr * exp(z * se)),
       odds_ratio = list(estimate = or, conf.low = or * exp(-z * so), conf.high = or * exp(z * so)))
  if (low > 0 || high < 0)
    out$nnt <- list(estimate = 1 / abs(d), conf.low = 1 / max(abs(low), abs(high)), conf.high = 1 / min(abs(low), abs(high)))
  out
}
died <- pbc$status == 2
arm <- function(d, v, a) d[[v]][d$rx == a]
tab <- function(...) unclass(table(...))
exact <- function(...) {
  t <- matrix(c(...)[-(1:2)], nrow = c(...)[1], ncol = c(...)[2], byrow = TRUE)
  list(table = t, p = fisher.test(t, workspace = 2e8)$p.value)
}
event <- rct$outcome == "1_yes"

out <- list(
  describe = list(bili = describe(pbc$bili), chol = describe(pbc$chol), age = describe(pbc$age), risk = describe(rct$risk),
                  `alk.phos` = describe(pbc$alk.phos), untied = describe(small$untied), tied = describe(small$tied),
                  skewed = describe(small$skewed)),
  two_groups = list(bili_by_died = two(pbc$bili[died], pbc$bili[!died]), age_by_trt = two(pbc$age[which(pbc$trt == 1)], pbc$age[which(pbc$trt == 2)]),
                    chol_by_sex = two(pbc$chol[pbc$sex == "f"], pbc$chol[pbc$sex == "m"]),
                    risk_by_rx = two(arm(rct, "risk", "1_indomethacin"), arm(rct, "risk", "0_placebo")),
                    untied = two(small$untied[small$group == "b"], small$untied[small$group == "a"]),
                    tied = two(small$tied[small$group == "b"], small$tied[small$group == "a"]),
                    skewed = two(small$skewed[small$group == "b"], small$skewed[small$group == "a"])),
  many_groups = list(albumin_by_stage = many(pbc$albumin, pbc$stage), bili_by_stage = many(pbc$bili, pbc$stage),
                     age_by_site = many(rct$age, rct$site), untied = many(small$untied, small$group), tied = many(small$tied, small$group)),
  stage_by_trt = list(wilcoxon = rank_sum(pbc$stage[which(pbc$trt == 1)], pbc$stage[which(pbc$trt == 2)]),
                      chi_squared = chi(tab(pbc$stage, pbc$trt)), cramers_v = cramer(tab(pbc$stage, pbc$trt))),
  stage_by_status = list(kruskal_wallis = { k <- kruskal.test(stage ~ factor(status), pbc); list(statistic = k$statistic, parameter = k$parameter, p.value = k$p.value) }),
  type_by_site = list(cramers_v = cramer(tab(rct$type, rct$site))),
  outcome_by_rx = c(list(chi_squared = chi(tab(rct$outcome, rct$rx)), fisher = list(p.value = fisher.test(tab(rct$outcome, rct$rx))$p.value)),
                    effects(sum(event[rct$rx == "1_indomethacin"]), sum(rct$rx == "1_indomethacin"), sum(event[rct$rx == "0_placebo"]), sum(rct$rx == "0_placebo"))),
  bleed_by_rx = c(list(chi_squared = chi(tab(rct$bleed, rct$rx)), fisher = list(p.value = fisher.test(tab(rct$bleed, rct$rx))$p.value)),
                  effects(sum(rct$bleed == 2 & rct$rx == "1_indomethacin", na.rm = TRUE), sum(!is.na(rct$bleed) & rct$rx == "1_indomethacin"),
                          sum(rct$bleed == 2 & rct$rx == "0_placebo", na.rm = TRUE), sum(!is.na(rct$bleed) & rct$rx == "0_placebo"))),
  outcome_by_type = list(chi_squared = chi(tab(rct$outcome, rct$type)), cramers_v = cramer(tab(rct$outcome, rct$type))),
  event_by_group = list(fisher = list(p.value = fisher.test(tab(small$event, small$group))$p.value), chi_squared = chi(tab(small$event, small$group))),
  wilson = lapply(list(c(0, 10), c(10, 10), c(1, 7), c(52, 307), c(161, 418), c(1, 1), c(0, 1), c(499999, 1000000)),
                  function(x) { e <- binom.test(x[1], x[2])$conf.int
                  list(n = x[1], N = x[2], conf.low = wilson(x[1], x[2])[1], conf.high = wilson(x[1], x[2])[2], exact.low = e[1], exact.high = e[2]) }),
  fisher = list(exact(2, 2, 3, 1, 1, 3), exact(2, 2, 10, 0, 0, 10), exact(2, 2, 1, 9, 11, 3), exact(2, 2, 0, 5, 7, 12), exact(2, 2, 7, 7, 7, 7),
                exact(2, 2, 2, 998, 9, 991), exact(3, 3, 3, 1, 4, 1, 5, 9, 2, 6, 5), exact(3, 4, 10, 2, 3, 1, 4, 5, 6, 0, 1, 2, 8, 3),
                exact(4, 3, 12, 3, 2, 8, 4, 1, 30, 2, 9, 5, 5, 5), exact(2, 5, 3, 4, 5, 6, 7, 0, 3, 1, 8, 2), exact(5, 2, 1, 20, 0, 33, 4, 18, 2, 2, 0, 9),
                exact(3, 3, 4, 0, 0, 0, 4, 0, 0, 0, 4), exact(4, 4, 1, 0, 2, 0, 0, 3, 0, 1, 2, 0, 1, 1, 0, 1, 0, 4)),
  wilcoxon_exact = lapply(1:12, function(k) { set.seed(k); n <- c(2, 3, 5, 8, 12, 20, 30, 49, 49, 2, 6, 45)[k]; m <- c(2, 9, 4, 8, 15, 33, 30, 49, 10, 49, 7, 48)[k]
    x <- round(rnorm(n, k / 10), 6); y <- round(rnorm(m), 6); w <- wilcox.test(x, y); list(x = x, y = y, statistic = w$statistic, p.value = w$p.value) })
)
plain <- function(x) if (is.list(x)) lapply(x, plain) else if (is.matrix(x)) x else unname(x)
cat(toJSON(plain(out), auto_unbox = TRUE, digits = I(17), pretty = 1), "\n")
