# Rscript tests/data/by_centre/funnel.R > tests/data/by_centre/funnel.csv
# Lower funnel limits of Spiegelhalter (2005) by qbinom and pbinom; the upper ones by symmetry.
lower <- function(tail, n, share) {
  r <- qbinom(tail, n, share)
  alpha <- (pbinom(r, n, share) - tail) / dbinom(r, n, share)
  max(0, (r - alpha) / n)
}
grid <- expand.grid(tail = c(0.001, 0.025), n = c(1L, 4L, 28L, 131L, 2000L, 100000L),
                    share = c(0.002, 0.1, 215 / 568, 0.9))
grid$low <- mapply(lower, grid$tail, grid$n, grid$share)
grid$high <- 1 - mapply(lower, grid$tail, grid$n, 1 - grid$share)
grid$n <- format(grid$n, scientific = FALSE, trim = TRUE)
options(digits = 15)
write.csv(grid, row.names = FALSE, quote = FALSE)
