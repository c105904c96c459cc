# Writes robust.json: coxph with robust errors, and with errors clustered by person, of eyes, recurrences and strata.
suppressMessages({library(survival); library(jsonlite)})
eyes <- with(retinopathy, data.frame(id = id, time = round(futime, 1), status = status, treated = as.integer(trt), age = age, juvenile = as.integer(type == "juvenile")))
write.csv(eyes, "robust_eyes.csv", row.names = FALSE)
tumours <- with(subset(bladder, enum <= 4 & stop > 0), data.frame(id = id, time = stop, status = event, treated = as.integer(rx == 2), age = size, juvenile = number))
write.csv(tumours, "robust_tumours.csv", row.names = FALSE)
said <- function(m) list(coef = unname(coef(m)), vcov = unname(vcov(m)), naive = unname(m$naive.var), n = m$n, events = m$nevent)
both <- function(d, tol = coxph.control(eps = 1e-12, iter.max = 50)) list(
  clustered = said(coxph(Surv(time, status) ~ treated + age + juvenile, d, cluster = id, control = tol)),
  robust = said(coxph(Surv(time, status) ~ treated + age + juvenile, d, robust = TRUE, control = tol)),
  strata = said(coxph(Surv(time, status) ~ treated + age + strata(juvenile), d, cluster = id, control = tol)))
write(toJSON(list(eyes = both(eyes), tumours = both(tumours)), digits = 15, auto_unbox = TRUE, na = "null", pretty = TRUE), "robust.json")
