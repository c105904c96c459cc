# Writes ordinal.json and datasets/housing.csv: Brant's test of proportional odds by its formula (Biometrics 1990), from separate
# glm fits of each cut, as brant::brant has it: Rscript ordinal.R
suppressMessages({library(MASS); library(jsonlite)})
options(warn = -1)
pbc <- read.csv("../../data/pbc/pbc.csv")
house <- housing[rep(seq_len(nrow(housing)), housing$Freq), c("Sat", "Infl", "Type", "Cont")]
write.csv(data.frame(lapply(house, as.character)), "datasets/housing.csv", row.names = FALSE)
mtc <- read.csv("datasets/cars.csv"); birth <- read.csv("datasets/birthwt.csv"); infert <- read.csv("datasets/infert.csv")
brant <- function(d, y, terms) { # terms: one-sided formulas, tested each and all
  d <- d[complete.cases(d[, c(y, unlist(lapply(terms, all.vars)))]), ]; v <- as.integer(factor(d[[y]])); cuts <- max(v) - 1
  f <- reformulate(sapply(terms, function(t) deparse(t[[2]]))); X <- model.matrix(f, d); at <- attr(X, "assign")[-1]; p <- ncol(X) - 1
  fits <- lapply(seq_len(cuts), function(j) glm.fit(X, as.numeric(v > j), family = binomial(), control = glm.control(epsilon = 1e-15, maxit = 100)))
  P <- sapply(fits, fitted); b <- unlist(lapply(fits, function(m) coef(m)[-1])); V <- matrix(0, p * cuts, p * cuts)
  inv <- lapply(seq_len(cuts), function(j) solve(crossprod(X, P[, j] * (1 - P[, j]) * X)))
  for (j in seq_len(cuts)) for (k in j:cuts) { B <- (inv[[j]] %*% crossprod(X, (P[, k] - P[, j] * P[, k]) * X) %*% inv[[k]])[-1, -1]
    V[(j - 1) * p + 1:p, (k - 1) * p + 1:p] <- B; V[(k - 1) * p + 1:p, (j - 1) * p + 1:p] <- t(B) }
  test <- function(i) { D <- do.call(rbind, lapply(2:cuts, function(k) { m <- matrix(0, length(i), p * cuts); m[cbind(seq_along(i), i)] <- 1; m[cbind(seq_along(i), (k - 1) * p + i)] <- -1; m }))
    x <- drop(t(D %*% b) %*% solve(D %*% V %*% t(D), D %*% b)); c(x, nrow(D), pchisq(x, nrow(D), lower.tail = FALSE)) }
  list(each = unname(lapply(unique(at), function(t) test(which(at == t)))), all = test(seq_len(p)))
}
write(toJSON(list(
  pbc = brant(pbc, "stage", list(~factor(trt), ~age, ~factor(sex))),
  pbc_measured = brant(pbc, "stage", list(~albumin, ~platelet)),
  housing = brant(transform(house, Infl = as.character(Infl), Type = as.character(Type), Cont = as.character(Cont), Sat = factor(as.character(Sat), c("Low", "Medium", "High"))), "Sat", list(~Infl, ~Type, ~Cont)),
  infert = brant(infert, "spontaneous", list(~age, ~factor(case))),
  birthwt = brant(transform(birth, visits = pmin(ftv, 2)), "visits", list(~age, ~factor(smoke)))
), digits = I(17), auto_unbox = TRUE, pretty = TRUE), "ordinal.json")
