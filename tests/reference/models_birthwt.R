# Numbers of models_birthwt.json: R 4.2.2, MASS 7.3-58, car 3.1-1, rms 6.5, Hmisc 4.8, jsonlite 1.8.
suppressMessages({library(MASS); library(car); library(rms); library(jsonlite)})
options(digits = 15)
b <- birthwt
b$race <- factor(b$race)
tight <- glm.control(epsilon = 1e-14, maxit = 100)
full <- glm(low ~ age + lwt + race + smoke + ptl + ht + ui, binomial, b, control = tight)
vif_of <- car::vif(full)
drop <- drop1(full, test = "LRT")
knots <- quantile(b$lwt, c(0.05, 0.35, 0.65, 0.95))
basis <- Hmisc::rcspline.eval(b$lwt, knots = knots, inclx = TRUE)
curve <- glm(low ~ basis + smoke, binomial, b, control = tight)
line <- glm(low ~ lwt + smoke, binomial, b, control = tight)
none <- glm(low ~ smoke, binomial, b, control = tight)
at <- function(x, y) {
  rows <- Hmisc::rcspline.eval(c(x, y), knots = knots, inclx = TRUE)
  d <- rows[1, ] - rows[2, ]
  i <- 2:4
  est <- sum(d * coef(curve)[i])
  se <- sqrt(drop(t(d) %*% vcov(curve)[i, i] %*% d))
  c(exp(est), exp(est - qnorm(.975) * se), exp(est + qnorm(.975) * se))
}
product <- glm(low ~ smoke * ht + age, binomial, b, control = tight)
logged <- glm(low ~ log2(lwt) + smoke, binomial, b, control = tight)
ratios <- function(m, name) {
  e <- coef(summary(m))[name, ]
  unname(c(exp(e[1]), exp(e[1] - qnorm(.975) * e[2]), exp(e[1] + qnorm(.975) * e[2]), e[4]))
}
write_json(list(
  vif = setNames(as.list(vif_of[, 1]), rownames(vif_of)),
  drop1 = lapply(setNames(rownames(drop)[-1], rownames(drop)[-1]),
                 function(n) c(drop[n, "LRT"], drop[n, "Df"], drop[n, "Pr(>Chi)"])),
  spline = list(
    knots = unname(knots), last_row = unname(basis[189, ]),
    overall = c(none$deviance - curve$deviance, 3),
    nonlinear = c(line$deviance - curve$deviance, 2),
    quartiles = at(quantile(b$lwt, .75), quantile(b$lwt, .25)),
    at_170_v_median = at(170, median(b$lwt))),
  interaction = ratios(product, "smoke:ht"),
  log2 = ratios(logged, "log2(lwt)"),
  coefficients = as.list(coef(full))
), "models_birthwt.json", digits = 14, auto_unbox = TRUE, pretty = TRUE)
