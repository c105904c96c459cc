# Writes larger_tables.json and datasets/hair.csv: groups and levels within strata, more than two of each: Rscript larger_tables.R
library(jsonlite)
long <- as.data.frame(HairEyeColor); hair <- long[rep(seq_len(nrow(long)), long$Freq), c("Hair", "Eye", "Sex")]
write.csv(hair, "datasets/hair.csv", row.names = FALSE)
association <- function(x, y, k) { d <- data.frame(x = factor(x), y = factor(y), k = factor(k)); d <- droplevels(d[complete.cases(d), ]); t <- table(d)
  m <- mantelhaen.test(t[, , apply(t, 3, sum) > 1], correct = FALSE); c(unname(m$statistic), unname(m$parameter), m$p.value) }
each <- function(x, event, k, reference) { # each group against the reference, R's 2 x 2 x K
  one <- lapply(setdiff(sort(unique(na.omit(x))), reference), function(g) { s <- which(x %in% c(g, reference) & !is.na(event) & !is.na(k))
    m <- mantelhaen.test(table(factor(x[s] == g, c(TRUE, FALSE)), factor(event[s], c(TRUE, FALSE)), k[s]), correct = FALSE); c(unname(m$estimate), m$conf.int, m$p.value) })
  p <- sapply(one, `[`, 4); list(ratios = one, holm = p.adjust(p, "holm")) }
pbc <- read.csv("../../data/pbc/pbc.csv"); birth <- read.csv("datasets/birthwt.csv"); infert <- read.csv("datasets/infert.csv"); chi <- function(x, y) { k <- !is.na(x) & !is.na(y); t <- table(x[k], y[k]); sqrt(unname(chisq.test(t, correct = FALSE)$statistic) / (sum(t) * (min(dim(t)) - 1))) }
options(warn = -1)
k <- !is.na(pbc$stage) & !is.na(pbc$trt)
write(toJSON(list(
  hair = list(test = association(hair$Hair, hair$Eye, hair$Sex), v = chi(hair$Hair, hair$Eye)),
  status_by_trt = list(test = association(pbc$trt, pbc$status, pbc$stage), v = chi(pbc$trt[k], pbc$status[k])),
  spontaneous_by_education = list(test = association(infert$education, infert$spontaneous, infert$case), v = chi(infert$education, infert$spontaneous)),
  died_by_stage = c(list(test = association(pbc$stage, pbc$status == 2, pbc$sex)), each(pbc$stage, pbc$status == 2, pbc$sex, 1)),
  low_by_race = c(list(test = association(birth$race, birth$low == 1, birth$smoke)), each(birth$race, birth$low == 1, birth$smoke, 1)),
  two = association(pbc$trt, pbc$status == 2, pbc$stage)
), digits = I(17), auto_unbox = TRUE, pretty = TRUE), "larger_tables.json")
