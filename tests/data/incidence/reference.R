# Data and reference numbers of the incidence tests: Rscript reference.R, in this folder.
# Packages: survival, msm, epiR, Epi, jsonlite.
suppressMessages({library(survival); library(msm); library(jsonlite)})
set.seed(20250123)

# Times in intervals: 150 patients, films at irregular times, two covariates.
n <- 150
x <- rbinom(n, 1, 0.4)
z <- round(rnorm(n), 2)
event <- (rexp(n) / (0.25 * exp(0.6 * x - 0.3 * z)))^(1 / 1.3)
rows <- do.call(rbind, lapply(seq_len(n), function(i) {
  times <- round(cumsum(runif(sample(1:4, 1), 0.4, 2.2)), 2)
  seen <- which(times >= event[i])
  if (length(seen)) times <- times[seq_len(seen[1])]
  data.frame(id = i, interval = seq_along(times), years = round(diff(c(0, times)), 2),
             worsened = as.integer(seq_along(times) == length(times) & length(seen) > 0),
             x = x[i], z = z[i])
}))
write.csv(rows, "intervals.csv", row.names = FALSE)
end <- ave(rows$years, rows$id, FUN = cumsum)
last <- !duplicated(rows$id, fromLast = TRUE)
left <- ifelse(rows$worsened[last] == 1, (end - rows$years)[last], end[last])
right <- ifelse(rows$worsened[last] == 1, end[last], NA)
one <- rows[last, ]
y <- Surv(ifelse(left == 0, NA, left), right, type = "interval2")

tight <- survreg.control(rel.tolerance = 1e-13, maxiter = 200)
exponential <- survreg(y ~ x + z, one, dist = "exponential", control = tight)
weibull <- survreg(y ~ 1, dist = "weibull", control = tight)
constant <- survreg(y ~ 1, dist = "exponential", control = tight)

# Profile limits and tests by constrained fits of the same likelihood.
fit <- function(...) survreg(..., dist = "exponential", control = tight)
profile <- function(name, other) {
  best <- coef(exponential)[name]
  fall <- function(b) {
    o <- b * one[[name]]
    v <- one[[other]]
    exponential$loglik[2] - fit(y ~ v + offset(o))$loglik[2]
  }
  drop <- qchisq(0.95, 1) / 2
  root <- function(to) uniroot(function(b) fall(b) - drop, sort(c(best, to)), tol = 1e-10)$root
  list(limits = c(root(best - 2), root(best + 2)), p = pchisq(2 * fall(0), 1, lower.tail = FALSE))
}
turnbull <- survfit(y ~ 1)
grid <- c(0.5, 1, 1.5, 2, 3, 4, 5)

# Panel data of four grades: 200 patients, eight visits each, with and without moves back.
panel <- function(back) {
  q <- rbind(c(0, 0.4, 0, 0), c(back, 0, 0.3, 0), c(0, back, 0, 0.2), c(0, 0, back, 0))
  frame <- data.frame(subject = rep(1:200, each = 8),
                      time = as.vector(replicate(200, round(cumsum(runif(8, 0.3, 1)), 2))))
  sim <- simmulti.msm(frame, qmatrix = q, start = rep(1:3, length.out = 200))
  list(q = q, sim = sim)
}
multistate <- lapply(c(forward = 0, backward = 0.1), function(back) {
  p <- panel(back)
  constraint <- if (back > 0) c(1, 2, 3, 2, 4, 2) else 1:3
  model <- msm(state ~ time, subject, data = p$sim, qmatrix = p$q, qconstraint = constraint,
               opt.method = "optim", method = "BFGS",
               control = list(reltol = 1e-16, maxit = 5000, fnscale = 4000))
  steps <- do.call(rbind, lapply(split(p$sim, p$sim$subject), function(s) {
    k <- nrow(s)
    data.frame(from = s$state[-k], to = s$state[-1], years = round(diff(s$time), 2))
  }))
  name <- if (back > 0) "panel_backward.csv" else "panel_forward.csv"
  write.csv(steps, name, row.names = FALSE)
  i <- cbind(1:3, 2:4)
  if (back > 0) i <- rbind(i, c(2, 1))
  e <- qmatrix.msm(model)
  list(estimates = e$estimates[i], low = e$L[i], high = e$U[i], loglik = -model$minus2loglik / 2)
})

# Rates by stratum: Epi::diet, energy intake by job, coronary events.
data(diet, package = "Epi")
diet$high <- as.integer(diet$energy.grp == ">2750 KCals")
strata <- aggregate(cbind(chd, y) ~ high + job, diet, sum)
arrays <- array(0, c(2, 2, nlevels(diet$job)))
for (k in seq_len(nlevels(diet$job))) for (g in 0:1) {
  at <- strata$high == g & strata$job == levels(diet$job)[k]
  arrays[2 - g, , k] <- c(strata$chd[at], strata$y[at])
}
haenszel <- epiR::epi.2by2(arrays, method = "cohort.time", conf.level = 0.95)$massoc.detail
by_job <- aggregate(cbind(chd, y) ~ job, diet, sum)
by_job$score <- seq_len(nrow(by_job)) - 1
null <- glm(chd ~ 1 + offset(log(y)), poisson, by_job, epsilon = 1e-14)
slope <- glm(chd ~ score + offset(log(y)), poisson, by_job, epsilon = 1e-14)
trend <- anova(null, slope, test = "Rao")
two <- aggregate(cbind(chd, y) ~ high, diet, sum)
exact <- poisson.test(rev(two$chd), rev(two$y))

reference <- list(
  software = c(R.version.string, sapply(c("survival", "msm", "epiR", "Epi"), function(p)
    paste(p, packageVersion(p)))),
  exponential = list(log_hazard = -coef(exponential)[-1],
                     std_error = sqrt(diag(vcov(exponential)))[-1],
                     x = profile("x", "z"), z = profile("z", "x"),
                     rate = exp(-coef(constant)), loglik = exponential$loglik[2]),
  weibull = list(intercept = coef(weibull), log_scale = log(weibull$scale),
                 std_error = sqrt(diag(vcov(weibull))), loglik = weibull$loglik[1],
                 p = pchisq(2 * (weibull$loglik[1] - constant$loglik[1]), 1, lower.tail = FALSE)),
  turnbull = list(time = grid, risk = 1 - summary(turnbull, times = grid)$surv),
  msm = multistate,
  diet = list(strata = strata, haenszel = unlist(haenszel$IRR.mh.wald),
              by_job = by_job, trend = c(trend$Rao[2], trend$`Pr(>Chi)`[2]),
              per_level = c(exp(coef(slope)["score"]),
                            exp(confint.default(slope)["score", ])),
              exact = c(exact$estimate, exact$conf.int, exact$p.value)))
write_json(reference, "reference.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
