# Rscript tests/data/imputation/reference.R tests/data/imputation/categories.json
# Weighted multinomial and proportional odds regressions of MASS::housing, whose weights are counts.
library(MASS)
suppressPackageStartupMessages(library(nnet))
numbers <- function(x) paste0("[", paste(formatC(x, digits = 12, format = "g"), collapse = ", "), "]")
options(contrasts = c("contr.treatment", "contr.treatment"))
ordered <- polr(Sat ~ Infl + Type + Cont, weights = Freq, data = housing, Hess = TRUE,
                control = list(reltol = 1e-16))
housing$Sat2 <- factor(housing$Sat, ordered = FALSE)
nominal <- multinom(Sat2 ~ Infl + Type + Cont, weights = Freq, data = housing, Hess = TRUE,
                    trace = FALSE, reltol = 1e-16, abstol = 1e-12, maxit = 1000)
cat(sprintf('{"polr": %s,\n "polr_cuts": %s,\n "polr_se": %s,\n "multinom": %s,\n "multinom_se": %s}\n',
            numbers(coef(ordered)), numbers(ordered$zeta),
            numbers(sqrt(diag(vcov(ordered)))), numbers(t(coef(nominal))),
            numbers(sqrt(diag(vcov(nominal))))), file = commandArgs(TRUE)[1])
