# The life table (Cutler & Ederer 1958) of bands of time, by its formula, with the log-log interval by Greenwood's sum.
# Rscript tests/reference/life_table.R > tests/reference/life_table.json
library(jsonlite)
d <- read.csv("data/pbc/pbc.csv", na.strings = c("", "NA"))
table_of <- function(d, ends) {
  share <- 1
  spread <- 0
  low <- 0
  out <- list()
  for (end in ends) {
    inside <- d$time > low & d$time <= end
    risk <- sum(d$time > low)
    had <- sum(inside & d$status == 2)
    seen <- sum(inside & d$status != 2)
    exposed <- risk - seen / 2
    share <- share * (1 - had / exposed)
    spread <- spread + had / (exposed * (exposed - had))
    reach <- qnorm(0.975) * sqrt(spread) / log(share)
    out[[length(out) + 1]] <- list(
      end = end, n.risk = risk, n.event = had, n.censored = seen, estimate = share,
      conf.low = exp(-exp(log(-log(share)) - reach)), conf.high = exp(-exp(log(-log(share)) + reach))
    )
    low <- end
  }
  out
}
ends <- 365.25 * c(1, 3, 4, 5, 7, 9)
km <- summary(survival::survfit(survival::Surv(time, status == 2) ~ 1, d), times = ends)$surv
cat(toJSON(list(all = table_of(d, ends), kaplan_meier = km), auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
