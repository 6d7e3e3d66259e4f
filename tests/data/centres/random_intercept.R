# Random intercept models by lme4 with nine quadrature points: `Rscript random_intercept.R`.
# Cases: cbpp (ships with lme4), and simulated patients in centres, written beside the numbers.
library(lme4)
library(jsonlite)

patients_in_centres <- function(seed, centres, size, sd) {
  set.seed(seed)
  centre <- rep(seq_len(centres), size)
  n <- length(centre)
  age <- round(rnorm(n, 55, 12))
  ulcer <- rbinom(n, 1, 0.35)
  log_odds <- -2.4 + 0.03 * age + 0.8 * ulcer + rnorm(centres, 0, sd)[centre]
  data.frame(centre, age, ulcer, outcome = rbinom(n, 1, plogis(log_odds)))
}

told <- function(model, profile = TRUE) {
  at <- summary(model)$coefficients
  limits <- if (profile) {
    suppressWarnings(confint(model, parm = "theta_", method = "profile"))
  } else c(NA, NA)
  list(
    term = rownames(at), estimate = at[, 1], std_error = at[, 2],
    sd = attr(VarCorr(model)[[1]], "stddev")[[1]], log_likelihood = as.numeric(logLik(model)),
    singular = isSingular(model), sd_limits = as.numeric(limits)
  )
}

tight <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
grown <- cbpp[rep(seq_len(nrow(cbpp)), cbpp$size), c("herd", "period")]
grown$outcome <- unlist(Map(function(k, n) rep(c(1, 0), c(k, n - k)), cbpp$incidence, cbpp$size))
write.csv(grown, "cbpp.csv", row.names = FALSE, quote = FALSE)
found <- list(cbpp = told(glmer(
  outcome ~ period + (1 | herd), grown, binomial, nAGQ = 9, control = tight
)))
cases <- list(
  large = patients_in_centres(1, 12, c(rep(30, 11), 90), 0.9),
  small = patients_in_centres(2, 25, 8, 0.7),
  three = patients_in_centres(3, 4, 60, 1.2),
  singular = patients_in_centres(8, 10, 40, 0)
)
cases$three <- cases$three[cases$three$centre != 4 | seq_len(nrow(cases$three)) <= 12, ]
for (name in names(cases)) {
  write.csv(cases[[name]], paste0(name, ".csv"), row.names = FALSE, quote = FALSE)
  found[[name]] <- told(glmer(
    outcome ~ age + ulcer + (1 | centre), cases[[name]], binomial, nAGQ = 9, control = tight
  ), profile = name != "singular")
}
write_json(found, "random_intercept.json", digits = 10, auto_unbox = TRUE, pretty = TRUE)
