# Rscript tests/data/bone_density/reference.R, from the root: writes patients.csv and reference.csv.
# T-scores with ties of 160 patients in two groups and four stages, of whom some had densitometry.
suppressMessages({library(coin); library(quantreg); library(sandwich); library(survey)})
set.seed(20)
n <- 160
patients <- data.frame(
  id = sprintf("P%03d", 1:n),
  calcinosis = ifelse(runif(n) < 0.45, "yes", "no"),
  stage = sample(c("i", "ii", "iii", "iv"), n, TRUE, c(0.3, 0.3, 0.25, 0.15)),
  age = round(rnorm(n, 58, 11), 1),
  sex = ifelse(runif(n) < 0.8, "female", "male")
)
exact <- with(patients, -1.6 - 0.5 * (calcinosis == "yes") - 0.02 * (age - 58) + rnorm(n, 0, 0.8))
had <- runif(n) < plogis(-0.6 + 0.06 * (patients$age - 58) + 0.7 * (patients$sex == "female"))
patients$t_score <- ifelse(had, round(exact, 1), NA)
patients$untied <- ifelse(had, round(exact, 4), NA)
write.csv(patients, "tests/data/bone_density/patients.csv", row.names = FALSE, quote = FALSE, na = "")

found <- list()
keep <- function(name, value) found[[name]] <<- unname(value)
taken <- patients[had, ]
taken$group <- factor(taken$calcinosis, c("yes", "no"))
taken$stage <- factor(taken$stage)

keep("n", nrow(taken))
keep("rank_sum_p", suppressWarnings(wilcox.test(t_score ~ group, taken, exact = FALSE))$p.value)
keep("rank_sum_untied_p", wilcox.test(untied ~ group, taken, exact = TRUE)$p.value)
keep("permutation_p", pvalue(wilcox_test(t_score ~ group, taken, distribution = "exact")))
keep("permutation_untied_p", pvalue(wilcox_test(untied ~ group, taken, distribution = "exact")))
overall <- kruskal.test(t_score ~ stage, taken)
keep("kruskal_wallis", overall$statistic)
keep("kruskal_wallis_p", overall$p.value)
drawn <- approximate(nresample = 1e6)
keep("kruskal_permutation_p", pvalue(kruskal_test(t_score ~ stage, taken, distribution = drawn)))
pairs <- combn(levels(taken$stage), 2)
ranks <- apply(pairs, 2, function(pair) {
  parts <- lapply(pair, function(level) taken$t_score[taken$stage == level])
  suppressWarnings(wilcox.test(parts[[1]], parts[[2]], exact = FALSE))$p.value
})
adjusted <- p.adjust(ranks, "holm")
for (i in 1:ncol(pairs)) keep(paste("holm", pairs[1, i], pairs[2, i], sep = "_"), adjusted[i])

welch <- t.test(t_score ~ group, taken)
keep("welch", -diff(welch$estimate))
keep("welch_df", welch$parameter)
keep("welch_low", welch$conf.int[1])
keep("welch_high", welch$conf.int[2])
keep("welch_p", welch$p.value)
m <- table(taken$group)
df <- sum(m) - 2
pooled <- sqrt(sum((m - 1) * tapply(taken$t_score, taken$group, var)) / df)
short <- function(ncp) {
  1 - pt(qt(0.975, df), df, ncp) + pt(-qt(0.975, df), df, ncp) - 0.8
}
keep("detectable", uniroot(short, c(0, 10), tol = 1e-12)$root * sqrt(sum(1 / m)) * pooled)
keep("detectable_of_ten", power.t.test(10, sd = 1, power = 0.8, strict = TRUE, tol = 1e-10)$delta)

model <- lm(t_score ~ I(calcinosis == "yes") + I(age / 10) + I(sex == "female"), taken)
error <- sqrt(diag(vcovHC(model, type = "HC3")))
keep("linear", coef(model)[2])
keep("linear_se", error[2])
keep("linear_p", 2 * pt(-abs(coef(model) / error)[2], model$df.residual))
odd <- taken[-1, ] # with an odd number the median is unique here
median <- rq(untied ~ I(calcinosis == "yes") + I(age / 10) + I(sex == "female"), 0.5, odd)
for (i in 1:4) keep(paste0("median_", i), coef(median)[i])
tied <- suppressWarnings(
  rq(t_score ~ I(calcinosis == "yes") + I(age / 10) + I(sex == "female"), 0.5, taken)
)
keep("median_tied_least", sum(abs(resid(tied))))
low <- taken$t_score <= -2.5
logistic <- glm(low ~ I(calcinosis == "yes") + I(age / 10) + I(sex == "female"), binomial, taken,
                epsilon = 1e-14)
keep("logistic", exp(coef(logistic)[2]))
keep("logistic_p", coef(summary(logistic))[2, 4])
classes <- cut(taken$t_score, c(-Inf, -2.5, -1.0000001, Inf))
keep("fisher", fisher.test(table(classes, taken$group))$p.value)
keep("fisher_by_stage", fisher.test(table(classes, taken$stage), workspace = 1e7)$p.value)

chance <- fitted(glm(had ~ age + (sex == "female"), binomial, patients, epsilon = 1e-14))
raw <- mean(had) / chance[had]
weight <- pmin(pmax(raw, quantile(raw, 0.05)), quantile(raw, 0.95))
keep("effective_n", sum(weight)^2 / sum(weight^2))
keep("largest_weight", max(raw))
keep("truncated", sum(raw != weight))
design <- svydesign(ids = ~1, weights = ~weight, data = taken)
weighted <- svyglm(t_score ~ I(calcinosis == "yes"), design)
keep("weighted", coef(weighted)[2])
keep("weighted_se", sqrt(diag(vcov(weighted)))[2])
spread <- sqrt(mean((patients$age - mean(patients$age))^2))
keep("smd_before", abs(mean(taken$age) - mean(patients$age)) / spread)
keep("smd_after", abs(weighted.mean(taken$age, weight) - mean(patients$age)) / spread)

# Real missingness: serum cholesterol by histologic stage in survival::pbc.
pbc <- subset(survival::pbc, !is.na(stage))
pbc$level <- log2(pbc$chol)
keep("pbc_kruskal_wallis", kruskal.test(level ~ stage, pbc)$statistic)
ends <- t.test(level ~ stage, subset(pbc, stage %in% c(1, 4)))
keep("pbc_welch_4_1", diff(ends$estimate))
keep("pbc_welch_4_1_p", ends$p.value)
adjusted <- lm(level ~ factor(stage) + I(age / 10) + sex, pbc)
keep("pbc_linear_4_1", coef(adjusted)["factor(stage)4"])
keep("pbc_linear_4_1_se", sqrt(diag(vcovHC(adjusted, type = "HC3")))["factor(stage)4"])
known <- !is.na(pbc$chol)
chance <- fitted(glm(known ~ age + sex + albumin, binomial, pbc, epsilon = 1e-14))
weight <- mean(known) / chance[known]
weight <- pmin(pmax(weight, quantile(weight, 0.01)), quantile(weight, 0.99))
keep("pbc_effective_n", sum(weight)^2 / sum(weight^2))

table <- data.frame(name = names(found), value = unlist(found))
table$value <- sprintf("%.15g", unlist(found))
write.csv(table, "tests/data/bone_density/reference.csv", row.names = FALSE, quote = FALSE)
