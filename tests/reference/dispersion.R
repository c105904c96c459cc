# Writes dispersion.json and datasets/*.csv: rates of counts that vary more than Poisson's law supposes: Rscript dispersion.R
suppressMessages({library(MASS); library(survival); library(jsonlite)})
options(warn = -1)
again <- subset(bladder1, treatment %in% c("placebo", "thiotepa")) # recurrences of each patient until the last visit
again <- do.call(rbind, lapply(split(again, again$id), function(d)
  data.frame(id = d$id[1], treatment = as.character(d$treatment[1]), months = max(d$stop), recurrences = sum(d$status == 1))))
seizures <- aggregate(y ~ subject + trt, epil, sum); seizures$weeks <- 8
data <- list(
  ships = transform(ships, period = as.character(period))[, c("period", "type", "service", "incidents")],
  breaks = with(warpbreaks, data.frame(breaks, loom = 1, tension = as.character(tension))),
  absence = with(quine, data.frame(days = Days, year = 1, age = as.character(Age), sex = as.character(Sex))),
  seizures = transform(seizures, trt = as.character(trt)), bladder = again)
for (n in names(data)) write.csv(data[[n]], paste0("datasets/", n, ".csv"), row.names = FALSE, quote = TRUE)

rates <- function(d, events, time, by) {
  d <- d[d[[time]] > 0, ]; g <- factor(d[[by]]); y <- d[[events]]; t <- d[[time]]; z <- qnorm(0.975); k <- nlevels(g)
  exactly <- glm.control(epsilon = 1e-15, maxit = 200)
  m <- glm(y ~ g + offset(log(t)), poisson, control = exactly); x <- model.matrix(m); mu <- fitted(m)
  bread <- solve(crossprod(x * sqrt(mu))); v <- bread %*% crossprod(x * (y - mu)) %*% bread # sandwich::sandwich
  one <- function(l) { c <- as.numeric(levels(g) == l); c[1] <- 1; e <- sum(c * coef(m)); s <- sqrt(drop(t(c) %*% v %*% c)); exp(c(e, e - z * s, e + z * s)) }
  b <- coef(m)[-1]; s <- sqrt(diag(v))[-1]
  b <- unname(b); s <- unname(s)
  w <- drop(t(b) %*% solve(v[-1, -1]) %*% b)
  out <- list(dispersion = sum(residuals(m, "pearson")^2) / m$df.residual, rates = lapply(levels(g), one),
    ratios = lapply(seq_along(b), function(i) c(exp(b[i] + c(0, -z, z) * s[i]), 2 * pnorm(-abs(b[i] / s[i])))),
    p = pchisq(w, k - 1, lower.tail = FALSE))
  if (k == 2) { # glm.nb, carried on until it stays
    theta <- theta.ml(y, mu, limit = 200); for (i in 1:200) { f <- glm(y ~ g + offset(log(t)), negative.binomial(theta), control = exactly); theta <- as.numeric(theta.ml(y, fitted(f), limit = 200, eps = 1e-14)) }
    c <- summary(f, dispersion = 1)$coefficients[2, ]; out$negative_binomial <- c(exp(c[[1]]), c[[4]]) }
  out
}
write(toJSON(list(
  ships = rates(data$ships, "incidents", "service", "period"), breaks = rates(data$breaks, "breaks", "loom", "tension"),
  absence = rates(data$absence, "days", "year", "age"), seizures = rates(data$seizures, "y", "weeks", "trt"),
  bladder = rates(data$bladder, "recurrences", "months", "treatment")
), digits = I(17), auto_unbox = TRUE, pretty = TRUE), "dispersion.json")
