# Numbers of test_risks.py: Rscript reference.R > reference.json (R 4.2.2)
# MASS::birthwt (a common outcome: 31 %), and a separated copy of its first patients.
suppressMessages({library(MASS); library(sandwich); library(brglm2); library(jsonlite)})
out <- list()
b <- birthwt
b$race <- factor(b$race); b$smoke <- factor(b$smoke); b$ui <- factor(b$ui); b$age10 <- b$age / 10
f <- low ~ age10 + race + smoke + ui

p <- glm(f, poisson, data = b, control = list(epsilon = 1e-14))
out$poisson <- list(coef = unname(coef(p)[-1]),
  hc0 = unname(sqrt(diag(vcovHC(p, type = "HC0")))[-1]),
  hc1 = unname(sqrt(diag(vcovHC(p, type = "HC1")))[-1]))

g <- glm(f, binomial, data = b, control = list(epsilon = 1e-14))
risk <- function(fit, d) mean(predict(fit, d, type = "response"))
set <- function(v, l) { d <- b; d[[v]] <- factor(l, levels(b[[v]])); d }
out$standardised <- list(
  race = sapply(c("1", "2", "3"), function(l) risk(g, set("race", l))),
  smoke = sapply(c("0", "1"), function(l) risk(g, set("smoke", l))),
  ui = sapply(c("0", "1"), function(l) risk(g, set("ui", l))),
  age10 = c(risk(g, b), risk(g, transform(b, age10 = age10 + 1))))

# An interaction: both parts change together.
b$aged <- factor(as.integer(b$age >= 25))
i <- glm(low ~ smoke * aged + lwt, binomial, data = b, control = list(epsilon = 1e-14))
set2 <- function(v, l) { d <- b; d[[v]] <- factor(l, levels(b[[v]])); d }
out$interaction <- list(smoke = sapply(c("0", "1"), function(l) risk(i, set2("smoke", l))),
                        aged = sapply(c("0", "1"), function(l) risk(i, set2("aged", l))))

# Firth and the intercept of FLIC: first 60 patients, ht separates.
s <- b[1:60, ]; s$low <- rep(c(1, 0, 0, 1, 0, 1), 10); s$ht[s$low == 0] <- 0; s$ht[2] <- 0
s$ht[c(1, 4, 7)] <- 1
e <- glm(low ~ age10 + smoke + ht, binomial, data = s, method = "brglmFit", type = "AS_mean",
         epsilon = 1e-12, maxit = 1000)
X <- model.matrix(e)[, -1] %*% coef(e)[-1]
k <- glm(s$low ~ 1, offset = c(X), family = binomial, control = list(epsilon = 1e-14))
ht <- sapply(0:1, function(v) { M <- model.matrix(e); M[, "ht"] <- v
  mean(plogis(coef(k)[1] + M[, -1] %*% coef(e)[-1])) })
out$flic <- list(age = s$age, smoke = as.integer(as.character(s$smoke)), ht = s$ht, low = s$low,
                 coef = unname(coef(e)), intercept = unname(coef(k)), ht_risk = ht)
cat(toJSON(out, digits = 12, auto_unbox = TRUE, pretty = TRUE), "\n")
