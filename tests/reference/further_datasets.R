# Writes further_datasets.json, datasets/liver.csv and mixed_loblolly.csv: a fifth data set for incidence and for visits
suppressMessages({library(survival); library(cmprsk); library(jsonlite)})
liver <- within(pbc, {sex <- as.character(sex); ended <- c(0, 2, 1)[status + 1]})[, c("id", "time", "ended", "sex")]
write.csv(liver, "datasets/liver.csv", row.names = FALSE)
pines <- with(Loblolly, data.frame(id = as.character(Seed), visit = age, y = height))
write.csv(pines, "mixed_loblolly.csv", row.names = FALSE)
m <- cuminc(liver$time, liver$ended, liver$sex)
w <- reshape(pines, idvar = "id", timevar = "visit", direction = "wide"); f <- friedman.test(as.matrix(w[, -1]))
write(toJSON(list(
  incidence = list(liver = list(gray = unname(m$Tests[1, ]), at = unname(timepoints(m, 2500)$est[1:2, 1]))),
  visits = list(loblolly = unname(c(f$statistic, f$parameter, f$p.value)))
), digits = I(17), auto_unbox = TRUE), "further_datasets.json")
