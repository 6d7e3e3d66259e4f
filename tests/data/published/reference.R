# Intervals of rates and shares, and intervals that ratio and p-value imply; writes reference.json.
# Rscript tests/data/published/reference.R
z <- qnorm(0.975)
rates <- do.call(rbind, lapply(list(c(35, 155), c(4, 12.5), c(137, 24.19893)), function(x) {
  d <- x[1]; t <- x[2]
  exact <- poisson.test(d, t)$conf.int
  rbind(
    data.frame(events = d, time = t, method = "lognormal", low = d / t / exp(z / sqrt(d)), high = d / t * exp(z / sqrt(d))),
    data.frame(events = d, time = t, method = "exact", low = exact[1], high = exact[2]),
    data.frame(events = d, time = t, method = "score", low = (d + z^2 / 2 - z * sqrt(d + z^2 / 4)) / t,
               high = (d + z^2 / 2 + z * sqrt(d + z^2 / 4)) / t),
    data.frame(events = d, time = t, method = "wald", low = (d - z * sqrt(d)) / t, high = (d + z * sqrt(d)) / t)
  )
}))
shares <- do.call(rbind, lapply(list(c(60, 120), c(36, 154), c(0, 20), c(20, 20)), function(x) {
  k <- x[1]; n <- x[2]; p <- k / n
  exact <- binom.test(k, n)$conf.int
  wilson <- prop.test(k, n, correct = FALSE)$conf.int
  half <- z * sqrt(p * (1 - p) / n)
  rbind(
    data.frame(events = k, n = n, method = "exact", low = exact[1], high = exact[2]),
    data.frame(events = k, n = n, method = "wilson", low = wilson[1], high = wilson[2]),
    data.frame(events = k, n = n, method = "wald", low = p - half, high = p + half)
  )
}))
implied <- do.call(rbind, lapply(list(c(1.24, 0.029), c(1.8, 0.002), c(2.97, 0.008), c(0.09, 0.04)), function(x) {
  se <- abs(log(x[1])) / qnorm(1 - x[2] / 2)
  data.frame(ratio = x[1], p = x[2], std_error = se, low = x[1] * exp(-z * se), high = x[1] * exp(z * se))
}))
rows <- function(frame) paste0("    ", apply(frame, 1, function(row) {
  values <- ifelse(is.na(suppressWarnings(as.numeric(row))), paste0('"', row, '"'), trimws(row))
  paste0("{", paste0('"', names(frame), '": ', values, collapse = ", "), "}")
}), collapse = ",\n")
options(digits = 12)
text <- function(frame) { frame[] <- lapply(frame, function(x) if (is.numeric(x)) formatC(x, digits = 12, format = "g") else x); rows(frame) }
cat(sprintf('{\n  "rates": [\n%s\n  ],\n  "shares": [\n%s\n  ],\n  "implied": [\n%s\n  ]\n}\n',
            text(rates), text(shares), text(implied)), file = "tests/data/published/reference.json")
