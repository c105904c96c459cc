# Writes groups.json, what R says of the numbers that test_groups.py asks for: Rscript groups.R
library(jsonlite)
options(warn = -1)

d <- read.csv("../../data/pbc/pbc.csv")
rct <- read.csv("../../data/indo_rct/indo_rct.csv", na.strings = c("", "NA"))
small <- read.csv("small_groups.csv")
z <- qnorm(0.975)

two <- function(x, y) {
  x <- x[!is.na(x)]; y <- y[!is.na(y)]; n <- length(x); m <- length(y)
  t <- t.test(x, y, var.equal = TRUE); w <- wilcox.test(x, y, conf.int = TRUE); u <- outer(x, y, "-")
  # Cohen's d with the pooled SD; the large-sample variance of Hedges & Olkin 1985, p. 86; J of Hedges 1981
  sd <- sqrt(((n - 1) * var(x) + (m - 1) * var(y)) / (n + m - 2)); d <- (mean(x) - mean(y)) / sd
  J <- exp(lgamma((n + m - 2) / 2) - log(sqrt((n + m - 2) / 2)) - lgamma((n + m - 3) / 2)); g <- d * J
  wide <- function(e) e + c(-1, 1) * z * sqrt((n + m) / (n * m) + e^2 / (2 * (n + m)))
  r <- mean(sign(u)) # effectsize::rank_biserial, from its definition
  list(student = list(estimate = mean(x) - mean(y), conf.low = t$conf.int[1], conf.high = t$conf.int[2],
                      statistic = unname(t$statistic), parameter = unname(t$parameter), p.value = t$p.value),
       median = median(u), shift = w$conf.int, exact = n < 50 && m < 50 && !anyDuplicated(c(x, y)),
       d = c(d, wide(d)), g = c(g, wide(g)), r = c(r, tanh(atanh(r) + c(-1, 1) * z * sqrt((n + m + 1) / (3 * n * m)))))
}
many <- function(x, g) {
  keep <- !is.na(x) & !is.na(g); x <- x[keep]; g <- factor(g[keep]); k <- nlevels(g)
  a <- oneway.test(x ~ g, var.equal = TRUE); fit <- aov(x ~ g); s <- summary(fit)[[1]]
  h <- TukeyHSD(fit)$g; n <- tabulate(g); width <- uniroot(function(q) ptukey(q, k, fit$df.residual) - 0.95, c(0.1, 50), tol = 1e-13)$root
  pairs <- combn(k, 2); error <- sqrt(s[2, 3] / 2 * (1 / n[pairs[1, ]] + 1 / n[pairs[2, ]]))
  lower <- function(m) t(m)[upper.tri(t(m), diag = TRUE)]
  order <- function(m) { v <- c(); for (i in seq_len(k - 1)) for (j in (i + 1):k) v <- c(v, m[j - 1, i]); v }
  j <- cor.test(as.integer(g), x, method = "kendall", exact = FALSE)
  list(anova = list(statistic = unname(a$statistic), parameter = unname(a$parameter[1]), parameter2 = unname(a$parameter[2]), p.value = a$p.value),
       eta = s[1, 2] / sum(s[, 2]), epsilon = unname(kruskal.test(x ~ g)$statistic) / (length(x) - 1),
       jonckheere = list(statistic = unname(j$statistic), p.value = j$p.value),
       tukey = list(estimate = unname(h[, 1]), low = unname(h[, 1] - width * error), high = unname(h[, 1] + width * error), p = unname(h[, 4])),
       welch = order(pairwise.t.test(x, g, pool.sd = FALSE, p.adjust.method = "none")$p.value),
       welch_holm = order(pairwise.t.test(x, g, pool.sd = FALSE)$p.value),
       pooled = order(pairwise.t.test(x, g, p.adjust.method = "none")$p.value), pooled_holm = order(pairwise.t.test(x, g)$p.value),
       wilcoxon = order(pairwise.wilcox.test(x, g, p.adjust.method = "none")$p.value), wilcoxon_holm = order(pairwise.wilcox.test(x, g)$p.value))
}
trend <- function(event, g) {
  t <- table(g, event); p <- prop.trend.test(t[, "TRUE"], rowSums(t))
  pairs <- combn(nrow(t), 2)
  by_pair <- apply(pairs, 2, function(i) { k <- chisq.test(t[i, ], correct = FALSE); if (min(k$expected) < 5) fisher.test(t[i, ])$p.value else k$p.value })
  list(trend = list(statistic = unname(p$statistic), parameter = 1, p.value = p$p.value), pairs = by_pair, holm = p.adjust(by_pair, "holm"))
}
ranks_only <- function(x, g) {
  j <- cor.test(as.integer(factor(g)), x, method = "kendall", exact = FALSE)
  list(statistic = unname(j$statistic), p.value = j$p.value)
}
died <- d$status == 2
out <- list(
  two = list(age_by_trt = two(d$age[which(d$trt == 1)], d$age[which(d$trt == 2)]), bili_by_died = two(d$bili[died], d$bili[!died]),
             risk_by_rx = two(rct$risk[rct$rx == "1_indomethacin"], rct$risk[rct$rx == "0_placebo"]),
             untied = two(small$untied[small$group == "b"], small$untied[small$group == "a"]),
             tied = two(small$tied[small$group == "b"], small$tied[small$group == "a"])),
  many = list(albumin_by_stage = many(d$albumin, d$stage), bili_by_stage = many(d$bili, d$stage), age_by_site = many(rct$age, rct$site),
              untied = many(small$untied, small$group), tied = many(small$tied, small$group)),
  trend = list(died_by_stage = trend(died, d$stage), ascites_by_stage = trend(d$ascites == 1, d$stage)),
  stage_by_status = ranks_only(d$stage, d$status)
)
write(toJSON(out, digits = I(17), auto_unbox = TRUE, na = "null", pretty = TRUE), "groups.json")
