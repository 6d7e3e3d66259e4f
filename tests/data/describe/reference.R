# Numbers of test_group_tests.py: Rscript reference.R > reference.json (R 4.2.2)
# survival::pbc by sex and by stage; tables written out.
suppressMessages({library(survival); library(jsonlite)})
out <- list()
d <- pbc
cont <- c("age", "bili", "chol", "albumin", "platelet", "protime")
out$welch_t <- lapply(setNames(cont, cont), function(v) {
  t <- t.test(d[[v]] ~ d$sex); c(abs(unname(t$statistic)), unname(t$parameter), t$p.value) })
out$rank_sum <- lapply(setNames(cont, cont), function(v)
  suppressWarnings(wilcox.test(d[[v]] ~ d$sex))$p.value)
out$welch_anova <- lapply(setNames(cont, cont), function(v) {
  t <- oneway.test(d[[v]] ~ factor(d$stage)); c(unname(t$statistic), t$p.value) })
out$kruskal <- lapply(setNames(cont, cont), function(v) {
  t <- kruskal.test(d[[v]] ~ factor(d$stage)); c(unname(t$statistic), t$p.value) })
cat <- c("ascites", "hepato", "spiders", "edema", "stage", "trt", "status")
out$chi_squared <- lapply(setNames(cat, cat), function(v) {
  t <- suppressWarnings(chisq.test(table(d[[v]], d$sex), correct = FALSE))
  c(unname(t$statistic), unname(t$parameter), t$p.value) })
out$fisher <- lapply(setNames(cat, cat), function(v)
  fisher.test(table(d[[v]], d$sex), workspace = 2e7)$p.value)
out$exact_small <- wilcox.test(c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46),
                               c(1.15, 0.88, 0.90, 0.74, 1.21))$p.value
tables <- list(matrix(c(3, 1, 0, 2, 4, 1, 0, 2, 5), 3), matrix(c(20, 7, 15, 11), 2),
               matrix(c(1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11), 4),
               matrix(c(5, 0, 0, 4), 2), matrix(c(2, 3, 1, 0, 0, 6, 4, 4, 1, 2), 5))
out$tables <- lapply(tables, function(t)
  list(rows = apply(t, 1, as.list), p = fisher.test(t, workspace = 2e7)$p.value))
cat(toJSON(out, digits = 12, auto_unbox = TRUE, pretty = TRUE), "\n")
