# Numbers of test_ordinal.py: Rscript reference.R > reference.json (R 4.2.2, MASS 7.3-58.2, VGAM)
# MASS::housing, survival::pbc, and the cheese of McCullagh and Nelder 1989, p. 175.
suppressMessages({library(VGAM); library(MASS); library(survival); library(jsonlite)})
out <- list()

# Score test of proportional odds: one step of Fisher scoring of VGAM's non-parallel model from the
# parallel fit has the length of the score in its information.
score_test <- function(f, d, part = NULL) {
  d$weight <- d$w
  par <- if (is.null(part)) FALSE else as.formula(paste("FALSE ~", part))
  p <- vglm(f, cumulative(parallel = TRUE), weights = weight, data = d, epsilon = 1e-12)
  J <- ncol(predict(p)); b <- coef(p)
  q <- suppressWarnings(vglm(f, cumulative(parallel = par), weights = weight, data = d, maxit = 1))
  base <- sub(":[0-9]+$", "", names(coef(q)))
  start <- ifelse(base == "(Intercept)", b[names(coef(q))], b[base])
  q <- suppressWarnings(vglm(f, cumulative(parallel = par), weights = weight, data = d,
                             coefstart = start, maxit = 1))
  step <- coef(q) - start
  X <- model.matrix(q, type = "vlm"); W <- m2a(weights(p, type = "working"), M = J)
  A <- matrix(0, ncol(X), ncol(X))
  for (i in seq_len(dim(W)[3])) {
    r <- ((i - 1) * J + 1):(i * J); A <- A + t(X[r, ]) %*% W[, , i] %*% X[r, ] }
  df <- length(start) - length(b)
  x <- c(t(step) %*% A %*% step)
  list(chi_squared = x, df = df, p = pchisq(x, df, lower.tail = FALSE)) }

h <- housing; h$w <- h$Freq
f <- Sat ~ Infl + Type + Cont
out$housing_score <- score_test(f, h)
out$housing_score_of <- list(Infl = score_test(f, h, "Infl"), Type = score_test(f, h, "Type"),
                             Cont = score_test(f, h, "Cont"))
fits <- list(vglm(f, cumulative(parallel = TRUE), weights = w, data = h),
             vglm(f, cumulative(parallel = FALSE), weights = w, data = h))
out$housing_lr <- 2 * (logLik(fits[[2]]) - logLik(fits[[1]]))
out$housing_cuts <- lapply(1:2, function(k) {
  g <- glm((as.integer(Sat) > k) ~ Infl + Type + Cont, binomial, data = h, weights = Freq)
  as.list(coef(summary(g))[-1, 1]) })

cheese <- matrix(c(0,0,1,7,8,8,19,8,1, 6,9,12,11,7,6,1,0,0, 1,1,6,8,23,7,5,1,0,
                   0,0,0,1,3,7,14,16,11), 4, byrow = TRUE)
d <- data.frame(y = ordered(rep(1:9, 4)), a = factor(rep(1:4, each = 9), levels = c(4, 1, 2, 3)),
                w = c(t(cheese)))
out$cheese_score <- score_test(y ~ a, d[d$w > 0, ])
c_fit <- polr(y ~ a, weights = w, data = d, Hess = TRUE, control = list(reltol = 1e-15))
out$cheese <- list(coef = unname(coef(c_fit)), zeta = unname(c_fit$zeta))

p <- pbc[!is.na(pbc$stage) & !is.na(pbc$chol), ]; p$stage <- ordered(p$stage); p$w <- 1
g <- polr(stage ~ age + log(bili) + sex + edema, data = p, Hess = TRUE,
          control = list(reltol = 1e-15, maxit = 1000))
s <- coef(summary(g))[1:4, ]
lr <- dropterm(g, test = "Chisq")
out$pbc <- list(n = nrow(p), coef = unname(s[, 1]), se = unname(s[, 2]), loglik = c(logLik(g)),
                lr = lr[["LRT"]][-1], lr_p = lr[["Pr(Chi)"]][-1],
                profile = unname(suppressMessages(confint(g))))
cat(toJSON(out, digits = 10, auto_unbox = TRUE, pretty = TRUE), "\n")
