# Writes datasets.json and datasets/*.csv: what R says of its own data, for the kinds of plan that test_datasets.py asks for.
suppressMessages({library(survival); library(MASS); library(cmprsk); library(pROC); library(nlme); library(jsonlite)})
options(warn = -1)
wide <- function(d, id, time, value, keep = NULL) {
  d <- as.data.frame(d)[, c(id, time, value, keep)]
  w <- reshape(d, idvar = c(id, keep), timevar = time, direction = "wide", sep = "_")
  names(w) <- gsub(paste0(value, "_"), "v", names(w), fixed = TRUE); w
}
monthly <- function(x) data.frame(date = sprintf("%d-%02d-15", floor(time(x) + 1e-6), cycle(x)), value = as.numeric(x))
chick <- subset(as.data.frame(ChickWeight), Time %in% c(0, 10, 20)); chick$Chick <- as.integer(as.character(chick$Chick))
teeth <- as.data.frame(Orthodont); teeth$Subject <- as.character(teeth$Subject); teeth$Sex <- as.character(teeth$Sex)
seq3 <- subset(pbcseq, !is.na(albumin)); seq3$n <- ave(seq3$day, seq3$id, FUN = seq_along)
recurred <- merge(subset(colon, etype == 1), subset(colon, etype == 2)[, c("id", "status")], by = "id", suffixes = c("", ".death"))
colon1 <- with(recurred, data.frame(id = id, rx = as.character(rx), etime = time, ended = ifelse(status == 1, 1, 2 * status.death)))
mgus1 <- within(mgus, {etime <- ifelse(pcdx != "" & !is.na(pctime), pctime, futime); ended <- ifelse(!is.na(pctime), 1, 2 * death)})
data <- list(
  lung = lung[, c("time", "status", "age", "sex", "ph.ecog")], veteran = transform(veteran, celltype = as.character(celltype)),
  ovarian = ovarian, mgus2 = within(mgus2, {sex <- as.character(sex); etime <- ifelse(pstat == 0, futime, ptime); ended <- ifelse(pstat == 0, 2 * death, 1)})[, c("id", "age", "sex", "futime", "death", "etime", "ended")],
  leukemia = transform(leukemia, x = as.character(x)), birthwt = birthwt, pima = transform(Pima.te, type = as.integer(type == "Yes")),
  infert = transform(infert, education = as.character(education))[, c("education", "age", "induced", "case", "spontaneous")],
  anorexia = transform(anorexia, Treat = as.character(Treat)), immer = immer[, c("Y1", "Y2")], iris = transform(iris, Species = as.character(Species)),
  airquality = airquality, trees = trees, melanoma = transform(Melanoma, ended = c(1, 0, 2)[status]),
  colon = colon1, mgus = mgus1[, c("sex", "etime", "ended")], chick = wide(chick, "Chick", "Time", "weight", "Diet"), teeth = wide(teeth, "Subject", "age", "distance", "Sex"),
  albumin = wide(subset(seq3, n <= 3), "id", "n", "albumin", "trt"), judges = USJudgeRatings[, c("CONT", "INTG", "DMNR", "DILG")], attitude = attitude,
  cars = mtcars, growth = transform(ToothGrowth, supp = as.character(supp)), deaths = monthly(ldeaths), flights = monthly(AirPassengers), carbon = monthly(co2), belts = monthly(Seatbelts[, "drivers"]), nottem = monthly(nottem))
data$chick$Diet <- as.integer(as.character(data$chick$Diet)); data$mgus$sex <- as.character(data$mgus$sex)
for (name in names(data)) write.csv(data[[name]], paste0("datasets/", name, ".csv"), row.names = FALSE, na = "")

rate <- function(n, event, time, by) { d <- data[[n]]; e <- d[[event[[1]]]] == event[[2]]; g <- sort(unique(d[[by]]))
  x <- sapply(g, function(l) sum(e[d[[by]] == l], na.rm = TRUE)); t <- sapply(g, function(l) sum(d[[time]][d[[by]] == l]))
  p <- poisson.test(x[2:1], t[2:1]); list(rates = 100 * x / t, ratio = c(p$estimate, p$conf.int, p$p.value)) }
test <- function(n, positive, truth) { d <- data[[n]]; k <- !is.na(positive(d)) & !is.na(truth(d)); a <- positive(d)[k]; b <- truth(d)[k]
  w <- function(x, m) c(x / m, prop.test(x, m, correct = FALSE)$conf.int)
  list(sens = w(sum(a & b), sum(b)), spec = w(sum(!a & !b), sum(!b)), ppv = w(sum(a & b), sum(a)), npv = w(sum(!a & !b), sum(!a))) }
marker <- function(n, m, truth) { d <- data[[n]]; r <- roc(truth(d), d[[m]], quiet = TRUE, direction = "<"); if (r$auc < 0.5) r <- roc(truth(d), d[[m]], quiet = TRUE, direction = ">")
  ci <- ci.auc(r, method = "delong"); c(ci[2], ci[1], ci[3]) }
agree <- function(n, one, two) { d <- na.omit(data[[n]][, c(one, two)]); x <- d[[one]]; y <- d[[two]]; e <- x - y; k <- length(e)
  a <- anova(lm(v ~ factor(s) + factor(m), data.frame(v = c(x, y), s = rep(seq_len(k), 2), m = rep(1:2, each = k))))$`Mean Sq`
  list(bias = mean(e), low = mean(e) - qnorm(0.975) * sd(e), high = mean(e) + qnorm(0.975) * sd(e), icc = (a[1] - a[3]) / (a[1] + a[3] + 2 * (a[2] - a[3]) / k)) }
compete <- function(n, time, by, at) { d <- data[[n]]; m <- cuminc(d[[time]], d$ended, d[[by]]); list(gray = m$Tests[1, ], at = timepoints(m, at)$est[seq_along(unique(d[[by]])), 1]) }
years <- function(n) { d <- data[[n]]; tapply(d$value, substr(d$date, 1, 4), mean) }
change <- function(n, before, after, by) { d <- data[[n]]; d <- d[complete.cases(d[, c(before, after, by)]), ]; d <- data.frame(x = d[[before]], y = d[[after]], g = factor(d[[by]]))
  m <- lm(y ~ x + g, d); list(f = anova(lm(y ~ x, d), m)$F[2], means = unname(predict(m, data.frame(x = mean(d$x), g = levels(d$g))))) }
strata <- function(n, event, by, within) { d <- data[[n]]; d <- data.frame(e = event(d), g = d[[by]] == max(d[[by]]), k = d[[within]]); d <- d[complete.cases(d), ]; d <- d[ave(d$k == d$k, d$k, FUN = sum) > 1, ]
  m <- mantelhaen.test(table(factor(d$g, c(TRUE, FALSE)), factor(d$e, c(TRUE, FALSE)), d$k), correct = FALSE); c(m$estimate, m$conf.int, m$statistic) }
times <- function(n, columns) { m <- as.matrix(na.omit(data[[n]][, columns])); f <- friedman.test(m); c(f$statistic, f$parameter, f$p.value) }
visits <- function(n) { d <- read.csv(paste0("mixed_", n, ".csv")); w <- reshape(d[, c("id", "visit", "y")], idvar = "id", timevar = "visit", direction = "wide"); f <- friedman.test(as.matrix(na.omit(w[, -1]))); c(f$statistic, f$parameter, f$p.value) }
held <- function(n, of, by, m) { d <- data[[n]]; g <- sort(unique(d[[by]])); x <- d[[of]][d[[by]] == g[2]]; y <- d[[of]][d[[by]] == g[1]]
  c(mean(x, na.rm = TRUE) - mean(y, na.rm = TRUE), t.test(x, y, conf.level = 0.9)$conf.int, max(t.test(x, y, mu = -m, alternative = "greater")$p.value, t.test(x, y, mu = m, alternative = "less")$p.value)) }
pairs <- function(n, columns) { d <- na.omit(data[[n]][, columns]); k <- combn(columns, 2)
  one <- function(how) { t <- apply(k, 2, function(i) { c <- cor.test(d[[i[1]]], d[[i[2]]], method = how, exact = FALSE); c(c$estimate, c$p.value) }); list(r = t[1, ], p = t[2, ], holm = p.adjust(t[2, ], "holm")) }
  list(pearson = one("pearson"), spearman = one("spearman")) }

write(toJSON(list(
  rate = list(lung = rate("lung", list("status", 2), "time", "sex"), veteran = rate("veteran", list("status", 1), "time", "trt"), ovarian = rate("ovarian", list("fustat", 1), "futime", "rx"), mgus2 = rate("mgus2", list("death", 1), "futime", "sex"), leukemia = rate("leukemia", list("status", 1), "time", "x")),
  diagnose = list(pima = test("pima", function(d) d$glu >= 140, function(d) d$type == 1), birthwt = test("birthwt", function(d) d$lwt < 110, function(d) d$low == 1), lung = test("lung", function(d) d$ph.ecog >= 2, function(d) d$status == 2), veteran = test("veteran", function(d) d$karno <= 50, function(d) d$status == 1), infert = test("infert", function(d) d$spontaneous >= 1, function(d) d$case == 1)),
  discriminate = list(pima = marker("pima", "glu", function(d) d$type == 1), birthwt = marker("birthwt", "lwt", function(d) d$low == 1), lung = marker("lung", "age", function(d) d$status == 2), veteran = marker("veteran", "karno", function(d) d$status == 1), infert = marker("infert", "age", function(d) d$case == 1)),
  agree = list(anorexia = agree("anorexia", "Prewt", "Postwt"), immer = agree("immer", "Y1", "Y2"), iris = agree("iris", "Sepal.Length", "Petal.Length"), airquality = agree("airquality", "Temp", "Ozone"), trees = agree("trees", "Girth", "Height")),
  incidence = list(mgus2 = compete("mgus2", "etime", "sex", 120), melanoma = compete("melanoma", "time", "sex", 2000), colon = compete("colon", "etime", "rx", 1000), mgus = compete("mgus", "etime", "sex", 3000)),
  trend = list(deaths = years("deaths"), flights = years("flights"), carbon = years("carbon"), belts = years("belts"), nottem = years("nottem")),
  change = list(anorexia = change("anorexia", "Prewt", "Postwt", "Treat"), chick = change("chick", "v0", "v20", "Diet"), iris = change("iris", "Sepal.Length", "Petal.Length", "Species"), albumin = change("albumin", "v1", "v3", "trt"), teeth = change("teeth", "v8", "v14", "Sex")),
  stratified = list(birthwt = strata("birthwt", function(d) d$low == 1, "smoke", "race"), lung = strata("lung", function(d) d$status == 2, "sex", "ph.ecog"), melanoma = strata("melanoma", function(d) d$status == 1, "sex", "ulcer"), veteran = strata("veteran", function(d) d$time > 100, "trt", "celltype"), pima = strata("pima", function(d) d$glu >= 140, "type", "npreg")),
  repeated = list(iris = times("iris", c("Sepal.Length", "Sepal.Width", "Petal.Length")), teeth = times("teeth", c("v8", "v10", "v12", "v14")), judges = times("judges", c("CONT", "INTG", "DMNR", "DILG")), attitude = times("attitude", c("rating", "complaints", "privileges")), albumin = times("albumin", c("v1", "v2", "v3"))),
  visits = list(orthodont = visits("orthodont"), pbcseq = visits("pbcseq"), chick = visits("chick"), sleep = visits("sleep")),
  margin = list(birthwt = held("birthwt", "bwt", "smoke", 300), pima = held("pima", "bmi", "type", 3), lung = held("lung", "age", "sex", 3), veteran = held("veteran", "karno", "trt", 5), growth = held("growth", "len", "supp", 3)),
  correlations = list(attitude = pairs("attitude", c("rating", "complaints", "learning")), iris = pairs("iris", c("Sepal.Length", "Petal.Length", "Petal.Width")), airquality = pairs("airquality", c("Ozone", "Wind", "Temp")), cars = pairs("cars", c("mpg", "wt", "qsec")), judges = pairs("judges", c("CONT", "DMNR", "DILG")))
), digits = 15, auto_unbox = TRUE, na = "null", null = "null"), "datasets.json")
