# Rscript tests/data/disability/reference.R > tests/data/disability/reference.json
# survival::pbc: cholesterol (which ties, and is missing in 134) by histological stage (missing in 6).
suppressMessages({library(survival); library(sandwich); library(emmeans); library(jsonlite)})
stages <- c("one", "two", "three", "four")
pbc$stage <- factor(stages[pbc$stage], stages)
known <- pbc[!is.na(pbc$chol) & !is.na(pbc$stage), ]

several <- kruskal.test(chol ~ stage, known)
holm <- pairwise.wilcox.test(known$chol, known$stage, "holm", exact = FALSE)$p.value
plain <- pairwise.wilcox.test(known$chol, known$stage, "none", exact = FALSE)$p.value
pair <- function(reference, level) {
  values <- lapply(c(level, reference), function(of) known$chol[known$stage == of])
  found <- suppressWarnings(
    wilcox.test(values[[1]], values[[2]], exact = FALSE, conf.int = TRUE, digits.rank = Inf))
  list(reference = reference, level = level, p = plain[level, reference],
       holm = holm[level, reference], interval = found$conf.int,
       shift = median(outer(values[[1]], values[[2]], "-")))
}
pairs <- list()
for (i in 1:3) for (j in (i + 1):4) pairs <- c(pairs, list(pair(stages[i], stages[j])))

# Jonckheere and Terpstra's statistic is that of Kendall's tau with the groups' ranks.
trend <- function(name) {
  found <- cor.test(pbc[[name]], as.numeric(pbc$stage), method = "kendall", exact = FALSE)
  list(z = unname(found$statistic), p = found$p.value)
}

correlated <- function(x, y) {
  ranks <- suppressWarnings(cor.test(x, y, method = "spearman", exact = FALSE))
  rho <- unname(ranks$estimate)
  n <- sum(!is.na(x) & !is.na(y))
  half <- qnorm(.975) * sqrt((1 + rho^2 / 2) / (n - 3))
  pearson <- cor.test(x, y)
  list(n = n, spearman = rho, spearman_p = ranks$p.value,
       spearman_interval = tanh(atanh(rho) + c(-half, half)),
       pearson = unname(pearson$estimate), pearson_p = pearson$p.value,
       pearson_interval = pearson$conf.int)
}

marginal <- function(formula) {
  complete <- na.omit(pbc[, c("chol", "stage", "age", "sex", "albumin")])
  model <- lm(formula, complete)
  robust <- vcovHC(model, type = "HC3")
  means <- sapply(stages, function(all_in)
    mean(predict(model, transform(complete, stage = factor(all_in, stages)))))
  table <- as.data.frame(emmeans(model, "stage", weights = "proportional", vcov. = robust))
  stopifnot(all.equal(unname(means), table$emmean))
  at <- paste0("stage", stages[-1])
  difference <- coef(model)[at]
  error <- sqrt(diag(robust))[at]
  list(n = nrow(complete), df = model$df.residual, mean = means, error = table$SE,
       low = table$lower.CL, high = table$upper.CL, difference = unname(difference),
       difference_error = unname(error),
       p = unname(2 * pt(-abs(difference / error), model$df.residual)))
}

slope <- function(formula) {
  complete <- na.omit(pbc[, c("chol", "bili", "age", "sex", "albumin")])
  model <- lm(formula, complete)
  error <- sqrt(vcovHC(model, type = "HC3")["bili", "bili"])
  t <- coef(model)[["bili"]] / error
  list(n = nrow(complete), slope = coef(model)[["bili"]], error = error,
       p = 2 * pt(-abs(t), model$df.residual))
}

found <- list(
  kruskal_wallis = list(statistic = unname(several$statistic), p = several$p.value),
  pairs = pairs,
  trend = list(chol = trend("chol"), albumin = trend("albumin")),
  correlation = correlated(pbc$chol, pbc$bili),
  crude = marginal(chol ~ stage),
  adjusted = marginal(chol ~ stage + age + sex + albumin),
  slope = slope(chol ~ bili),
  adjusted_slope = slope(chol ~ bili + age + sex + albumin)
)
cat(toJSON(found, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
