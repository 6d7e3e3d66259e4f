# Rscript tests/data/linear/linear.R > tests/data/linear/linear.csv
# Birth weight by age, weight, race and smoking: least squares, HC3, t.
suppressMessages({library(MASS); library(sandwich)})
model <- lm(bwt ~ age + lwt + factor(race) + smoke, birthwt)
error <- sqrt(diag(vcovHC(model, type = "HC3")))
t <- coef(model) / error
table <- data.frame(term = c("intercept", "age", "lwt", "race2", "race3", "smoke"),
                    estimate = coef(model), std_error = error,
                    p_value = 2 * pt(-abs(t), model$df.residual))
options(digits = 15)
write.csv(table, row.names = FALSE, quote = FALSE)
