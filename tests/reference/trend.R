# Writes trend.json, what R says of the numbers that test_trend.py asks for: Rscript trend.R
library(jsonlite)

d <- read.csv("../../data/pbc/pbc.csv")
d$day <- as.Date("2019-11-20") + (d$id * 29) %% 460  # a made-up date of entry
d <- subset(d, !(format(d$day, "%Y-%m") == "2020-03"))
quarter <- paste(format(d$day, "%Y"), quarters(d$day))
mean_of <- function(x) { t <- t.test(x); list(n = sum(!is.na(x)), mean = unname(t$estimate), sd = sd(x), low = t$conf.int[1], high = t$conf.int[2]) }
share <- function(x) { w <- suppressWarnings(prop.test(sum(x), length(x), correct = FALSE))$conf.int; list(n = sum(x), N = length(x), low = w[1], high = w[2]) }
out <- list(
  months = as.list(table(format(d$day, "%Y-%m"))), years = as.list(table(format(d$day, "%Y"))),
  quarters = lapply(split(d$bili, quarter), mean_of),
  women = lapply(split(d$status[d$sex == "f"] == 2, quarter[d$sex == "f"]), share)
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "trend.json")
