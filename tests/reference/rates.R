# Writes rates.json, what R says of the numbers that test_rate.py asks for: Rscript rates.R
library(jsonlite)

d <- read.csv("../../data/pbc/pbc.csv")
d$death <- as.integer(d$status == 2)
year <- 365.25
rate <- function(x, t, per = 100) {
  p <- poisson.test(x, t)
  list(events = x, time = t, rate = unname(p$estimate) * per, low = p$conf.int[1] * per, high = p$conf.int[2] * per)
}
two <- function(x1, t1, x2, t2, per = 100) {
  p <- poisson.test(c(x1, x2), c(t1, t2))
  e <- x1 / t1 - x2 / t2
  se <- sqrt(x1 / t1^2 + x2 / t2^2)
  list(ratio = unname(p$estimate), low = p$conf.int[1], high = p$conf.int[2], p = p$p.value,
       difference = e * per, difference_low = (e - qnorm(0.975) * se) * per, difference_high = (e + qnorm(0.975) * se) * per)
}
events <- function(g) sum(d$death[g], na.rm = TRUE)
years <- function(g) sum(d$time[g], na.rm = TRUE) / year
drug <- which(d$trt == 1); placebo <- which(d$trt == 2)
stages <- lapply(1:4, function(s) which(d$stage == s))
equal <- suppressWarnings(chisq.test(sapply(stages, events), p = sapply(stages, years) / sum(sapply(stages, years))))
out <- list(
  all = rate(events(seq_len(nrow(d))), years(seq_len(nrow(d)))),
  drug = rate(events(drug), years(drug)), placebo = rate(events(placebo), years(placebo)),
  arms = two(events(drug), years(drug), events(placebo), years(placebo)),
  stages = lapply(stages, function(g) rate(events(g), years(g))),
  stages_ratio = two(events(stages[[4]]), years(stages[[4]]), events(stages[[1]]), years(stages[[1]])),
  stages_p = local({
    each <- sapply(2:4, function(s) two(events(stages[[s]]), years(stages[[s]]), events(stages[[1]]), years(stages[[1]]))$p)
    list(p = each, holm = p.adjust(each, "holm"))
  }),
  stages_equal = list(statistic = unname(equal$statistic), df = unname(equal$parameter), p = equal$p.value),
  none = rate(0, 12.5), few = two(3, 41.5, 9, 38.25), fewer = two(1, 10, 0, 12), same = two(5, 10, 5, 10),
  many = two(91234, 1e6, 92001, 1.01e6), apart = two(40, 100, 10, 120), tie = two(2, 3, 7, 9)
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "rates.json")
