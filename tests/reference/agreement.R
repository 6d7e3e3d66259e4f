# Numbers of R that tests/unit/test_reader_statistics.py and test_misclassification.py compare with.
# Rscript tests/reference/agreement.R > tests/reference/agreement.json
suppressMessages({library(vcd); library(psych); library(epiR); library(jsonlite)})

kappas <- function(table) {
  k <- length(table[1, ])
  one <- function(weights) {
    found <- Kappa(table, weights = weights)
    list(estimate = unname(found$Weighted["value"]), std_error = unname(found$Weighted["ASE"]),
         interval = unname(confint(found)["Weighted", ]))
  }
  plain <- Kappa(table)
  list(table = table,
       unweighted = list(estimate = unname(plain$Unweighted["value"]),
                         std_error = unname(plain$Unweighted["ASE"]),
                         interval = unname(confint(plain)["Unweighted", ])),
       linear = one("Equal-Spacing"), quadratic = one("Fleiss-Cohen"))
}

grades <- matrix(c(12, 3, 0, 0, 2, 14, 4, 0, 0, 3, 9, 2, 0, 0, 1, 3), 4, byrow = TRUE)
vision <- matrix(c(1520, 266, 124, 66, 234, 1512, 432, 78, 117, 362, 1772, 205, 36, 82, 179, 492),
                 4, byrow = TRUE)
two <- matrix(c(20, 5, 10, 15), 2, byrow = TRUE)

first <- c(9, 6, 8, 7, 10, 6, 12.5, 3, 0, 4.5, 22, 15)
second <- c(8, 7, 8, 9, 14, 5, 11.5, 3.5, 1, 4, 25, 12)
icc <- ICC(cbind(first, second), lmer = FALSE)$results["Single_random_raters", ]
difference <- second - first
n <- length(difference)
t <- qt(0.975, n - 1)
error <- sd(difference) * sqrt(1 / n + qnorm(0.975)^2 / (2 * (n - 1)))
limits <- mean(difference) + c(-1, 1) * qnorm(0.975) * sd(difference)

prevalence <- function(events, n, se, sp) {
  found <- epi.prev(pos = events, tested = n, se = se, sp = sp, method = "wilson", units = 1)
  list(events = events, n = n, sensitivity = se, specificity = sp, estimate = found$tp$est,
       interval = c(found$tp$lower, found$tp$upper))
}

# Logistic regression with misclassified outcome (Magder and Hughes) by its likelihood.
exposed <- c(20, 27)
others <- c(15, 26)
se <- 0.9
sp <- 0.85
loss <- function(b) {
  risk <- plogis(b[1] + c(b[2], 0))
  seen <- 1 - sp + (se + sp - 1) * risk
  -sum(dbinom(c(exposed[1], others[1]), c(exposed[2], others[2]), seen, log = TRUE))
}
fit <- optim(c(0, 0), loss, method = "BFGS", hessian = TRUE, control = list(reltol = 1e-15))

# Constant rate, events of intervals that are found with error.
years <- c(2.5, 3.1, 2.9, 2.2, 3.4, 2.8, 3.0, 2.7, 2.6, 3.3, 2.4, 3.2)
worsened <- c(1, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0)
rate_loss <- function(rate) {
  seen <- 1 - sp + (se + sp - 1) * (1 - exp(-rate * years))
  -sum(worsened * log(seen) + (1 - worsened) * log(1 - seen))
}
rate <- optimize(rate_loss, c(1e-6, 3), tol = 1e-12)
beyond <- function(r) rate_loss(r) - rate$objective - qchisq(0.95, 1) / 2
ends <- c(uniroot(beyond, c(1e-6, rate$minimum), tol = 1e-13)$root,
          uniroot(beyond, c(rate$minimum, 5), tol = 1e-13)$root)

cat(toJSON(list(
  software = paste(R.version.string, "vcd", packageVersion("vcd"), "psych", packageVersion("psych"),
                   "epiR", packageVersion("epiR")),
  kappa = list(grades = kappas(grades), vision = kappas(vision), two = kappas(two)),
  scores = list(first = first, second = second,
                icc = c(icc$ICC, icc$`lower bound`, icc$`upper bound`),
                mean_difference = unname(c(mean(difference), t.test(difference)$conf.int)),
                limit_low = limits[1] + c(0, -1, 1) * t * error,
                limit_high = limits[2] + c(0, -1, 1) * t * error),
  prevalence = list(prevalence(35, 53, 0.9, 0.85), prevalence(12, 80, 0.95, 0.9),
                    prevalence(5, 60, 1, 0.99)),
  odds_ratio = list(exposed = exposed, others = others, sensitivity = se, specificity = sp,
                    estimate = exp(fit$par[2]), std_error = sqrt(solve(fit$hessian)[2, 2])),
  rate = list(years = years, worsened = worsened, sensitivity = se, specificity = sp,
              estimate = rate$minimum, interval = ends)
), auto_unbox = TRUE, digits = 10, pretty = TRUE), "\n")
