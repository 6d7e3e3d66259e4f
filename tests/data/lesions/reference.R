# Rscript reference.R, in this folder: writes lesions.csv (60 simulated patients with lesions) and
# reference.json. R 4.2.2 with coin, survival, boot, jsonlite.
suppressMessages({library(coin); library(survival); library(boot); library(jsonlite)})
set.seed(20)
n <- 60
fingers <- c("thumb", "index", "middle", "ring", "fifth")
tendency <- rnorm(n, -1.2)
data <- data.frame(patient_id = sprintf("P%02d", 1:n))
for (side in c("right", "left")) for (j in 1:5) {
  risk <- plogis(tendency - 0.25 * (j - 3) + 0.3 * (side == "right"))
  data[[paste(fingers[j], side, sep = "_")]] <- rbinom(n, 1, risk)
}
data$elbow <- rbinom(n, 1, 0.3)
data$centre <- sample(c("a", "b", "c"), n, TRUE, c(0.5, 0.35, 0.15))
data$imaging <- rbinom(n, 1, ifelse(data$centre == "a", 0.4, 0.8))
data$examination <- ifelse(data$imaging == 1, rbinom(n, 1, 0.7), 1)
write.csv(data, "lesions.csv", row.names = FALSE, quote = FALSE)

at <- function(side) as.matrix(data[paste(fingers, side, sep = "_")])
right <- at("right"); left <- at("left")
counts <- cbind(right + left, data$elbow)
colnames(counts) <- c(fingers, "elbow")
out <- list()

# Shares of lesions: boot over patients, many resamples.
share <- function(d, i) colSums(d[i, ]) / sum(d[i, ])
set.seed(1)
b <- boot(counts, share, R = 20000)
out$boot <- lapply(seq_along(colnames(counts)), function(k)
  c(b$t0[[k]], boot.ci(b, type = "perc", index = k)$percent[4:5]))
names(out$boot) <- colnames(counts)

# Trend over the fingers, within patients: any side.
any_side <- 1 * ((right + left) > 0)
m <- rowSums(any_side)
those <- any_side[m > 0 & m < 5, ]
long <- data.frame(y = c(t(those)), position = rep(1:5, nrow(those)),
                   patient = factor(rep(seq_len(nrow(those)), each = 5)))
test <- independence_test(y ~ position | patient, long, teststat = "scalar")
out$z <- as.numeric(statistic(test))
# Exact: the distribution of the sum, one patient after another, as a table of sums and chances.
dist <- c("0" = 1)
for (size in rowSums(those)) {
  sums <- colSums(combn(0:4, size))
  both <- outer(as.numeric(names(dist)), sums, "+")
  chance <- outer(dist, rep(1 / length(sums), length(sums)))
  dist <- tapply(c(chance), c(both), sum)
}
values <- as.numeric(names(dist))
observed <- sum(those %*% 0:4)
expected <- sum(values * dist)
out$exact_p <- sum(dist[abs(values - expected) >= abs(observed - expected) - 1e-9])
out$informative <- nrow(those)
fit <- clogit(y ~ position + strata(patient), long, method = "exact")
out$log_odds <- unname(coef(fit))
moments <- sapply(rowSums(those), function(size) {
  sums <- colSums(combn(0:4, size)); w <- exp(coef(fit) * sums); w <- w / sum(w)
  c(sum(w * sums), sum(w * sums^2) - sum(w * sums)^2)
})
out$robust_error <- sqrt(sum((c(those %*% 0:4) - moments[1, ])^2)) / sum(moments[2, ])
slopes <- apply(any_side, 1, function(y) coef(lm(y ~ I(1:5)))[2])
slope <- t.test(slopes)
out$slope <- c(mean(slopes), slope$conf.int, slope$p.value)

# Right and left.
r <- rowSums(right) > 0; l <- rowSums(left) > 0
exact <- binom.test(sum(r & !l), sum(r != l))
out$mcnemar <- c(sum(r & !l) / sum(!r & l), exact$conf.int / (1 - exact$conf.int), exact$p.value)
more <- rowSums(right) - rowSums(left)
difference <- t.test(more)
out$difference <- c(mean(more), difference$conf.int, difference$p.value)
out$sign_p <- binom.test(sum(more > 0), sum(more != 0))$p.value

# Ascertainment by centre; phi; Wilson.
ab <- data$centre != "c"
chi <- chisq.test(table(data$centre[ab], data$imaging[ab]), correct = FALSE)
out$chi_squared <- c(chi$statistic, chi$parameter, chi$p.value)
out$fisher_imaging <- fisher.test(table(data$centre, data$imaging))$p.value
only <- data$imaging == 1 & data$examination == 0
out$fisher <- fisher.test(table(data$centre, only))$p.value
out$phi <- cor(any_side[, 1], any_side[, 2])
wilson <- prop.test(sum(only), n, correct = FALSE)
out$imaging_only <- c(sum(only) / n, wilson$conf.int)
write(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "reference.json")
