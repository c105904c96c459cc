# Mixed models of repeated visits with an intercept for each person: what R's lme4 and lmerTest find by REML.
suppressMessages({library(lme4); library(lmerTest); library(survival); library(nlme); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5), calc.derivs = FALSE)

visited <- function(d) {
  d$cell <- interaction(d$visit, d$arm, drop = TRUE)
  m <- lmer(y ~ 0 + cell + (1 | id), d, REML = TRUE, control = tight)
  visits <- levels(d$visit); arms <- levels(d$arm)
  at <- function(v, a) as.numeric(names(fixef(m)) == paste0("cell", v, ".", a))
  one <- function(L) { x <- contest1D(m, L, confint = TRUE); unname(unlist(x[c("Estimate", "lower", "upper", "t value", "df", "Pr(>|t|)")])) }
  f <- function(L) { x <- contestMD(m, L); unname(unlist(x[c("F value", "NumDF", "DenDF", "Pr(>F)")])) }
  out <- list(
    n = nrow(d), persons = length(unique(d$id)),
    sd = as.data.frame(VarCorr(m))$sdcor, reml = as.numeric(logLik(m)),
    means = lapply(setNames(arms, arms), function(a) lapply(setNames(visits, visits), function(v) one(at(v, a)))))
  if (length(arms) > 1) {
    reference <- arms[1]
    out$differences <- lapply(setNames(arms[-1], arms[-1]), function(a) lapply(setNames(visits, visits), function(v) one(at(v, a) - at(v, reference))))
    out$interaction <- f(do.call(rbind, lapply(arms[-1], function(a) do.call(rbind, lapply(visits[-1], function(v)
      at(v, a) - at(v, reference) - at(visits[1], a) + at(visits[1], reference))))))
  }
  out$visits <- f(do.call(rbind, lapply(visits[-1], function(v) Reduce(`+`, lapply(arms, function(a) at(v, a) - at(visits[1], a))) / length(arms))))
  out
}

orthodont <- with(as.data.frame(Orthodont), data.frame(id = as.character(Subject), visit = factor(age), arm = factor(Sex, c("Male", "Female")), y = distance))
some <- pbcseq[pbcseq$id <= 120, ]
some$visit <- ave(some$day, some$id, FUN = seq_along)
some <- some[some$visit <= 5, ]
pbcseq5 <- data.frame(id = some$id, visit = factor(some$visit), arm = factor(some$trt, c(1, 0)), y = some$albumin)
chick <- with(as.data.frame(ChickWeight), data.frame(id = as.integer(as.character(Chick)), visit = factor(Time), arm = factor(Diet), y = weight))
chick <- droplevels(chick[chick$visit %in% c(0, 8, 14, 20), ])
sleep <- with(sleepstudy, data.frame(id = as.character(Subject), visit = factor(Days), arm = factor("all"), y = Reaction))
sleep <- droplevels(sleep[!(sleep$id %in% c("308", "335") & sleep$visit %in% c("2", "7")) & as.integer(as.character(sleep$visit)) %in% c(0, 2, 5, 7, 9), ])
set.seed(3)
alike <- data.frame(id = rep(1:12, each = 3), visit = factor(rep(1:3, 12)), arm = factor(rep(c("a", "b"), each = 18)))
alike$y <- round(10 + rep(c(2, -1, -1, 0), 9) + 0.5 * as.integer(alike$visit) * (alike$arm == "b") - rep(c(1, 0, -1), 12), 2)

sets <- list(orthodont = orthodont, pbcseq = pbcseq5, chick = chick, sleep = sleep)
for (name in names(sets)) write.csv(sets[[name]], paste0("mixed_", name, ".csv"), row.names = FALSE)
cat(toJSON(lapply(sets, visited), auto_unbox = TRUE, digits = 15, na = "null"))
