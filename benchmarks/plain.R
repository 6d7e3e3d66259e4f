# The analyses of the cohort `multicentre` as a plain R script: what a good analyst would write with
# data.table, glm and loops. Called by benchmarks/size.py: Rscript plain.R FOLDER RESAMPLES PARTS
#
# FOLDER holds the export and codebook.csv. Imputations (10) and resamples (200, of median
# regression and weights 500) are those of the plan where RESAMPLES is 1; below, that share of them,
# one at least, is run and their seconds are multiplied. PARTS: names separated by commas, or all.
# Prints: part, seconds, seconds with all resamples; then some estimates to be compared.

suppressPackageStartupMessages(library(data.table))
setDTthreads(1)
given <- commandArgs(TRUE)
folder <- given[1]
share <- as.numeric(given[2])
parts <- if (given[3] == "all") NULL else strsplit(given[3], ",")[[1]]
times <- function(number) max(1, round(number * share))

# Of a part that repeats itself `planned` times, times(planned) are run.
timed <- function(name, work, planned = 1) {
  if (!is.null(parts) && !(name %in% c("read", parts))) return(invisible())
  started <- proc.time()
  found <- tryCatch(work(), error = function(e) cat("#", name, conditionMessage(e), "\n"))
  used <- proc.time() - started
  seconds <- used[["user.self"]] + used[["sys.self"]]
  whole <- if (planned > 1) seconds * planned / times(planned) else seconds
  cat(sprintf("%s\t%.2f\t%.2f\n", name, seconds, whole))
  invisible(found)
}

# Read, clean ------------------------------------------------------------------------------------
book <- fread(file.path(folder, "codebook.csv"), colClasses = "character", encoding = "UTF-8")
words <- function(text) strsplit(text, "|", fixed = TRUE)[[1]]
missing_words <- c("", "-", ".", "NA", "n/a", "ND", "unk")
questions <- 0

typed <- function(cells, line) {
  cells[cells %in% c(missing_words, words(line$missing_codes))] <- NA
  wrong <- function(bad) questions <<- questions + sum(bad, na.rm = TRUE)
  if (line$type %in% c("integer", "number")) {
    if (line$format == "decimal=comma") cells <- sub(",", ".", cells, fixed = TRUE)
    values <- suppressWarnings(as.numeric(cells))
    bad <- (is.na(values) & !is.na(cells))
    if (line$min != "") bad <- bad | values < as.numeric(line$min)
    if (line$max != "") bad <- bad | values > as.numeric(line$max)
    if (line$type == "integer") bad <- bad | values != round(values)
    wrong(bad)
    values[which(bad)] <- NA
    return(values)
  }
  if (line$type == "date") {
    forms <- c("dd/mm/yyyy" = "%d/%m/%Y", "mm/dd/yyyy" = "%m/%d/%Y")
    form <- if (line$format %in% names(forms)) forms[[line$format]] else "%Y-%m-%d"
    days <- as.IDate(cells, form)
    bad <- (is.na(days) & !is.na(cells)) | days > as.IDate("2019-12-31")
    wrong(bad)
    days[which(bad)] <- NA
    return(days)
  }
  if (line$type %in% c("id", "text")) return(cells)
  levels <- words(line$levels)
  codes <- strsplit(words(line$codes), "=", fixed = TRUE)
  from <- c(levels, vapply(codes, `[`, "", 1))
  to <- c(levels, vapply(codes, `[`, "", 2))
  values <- to[match(tolower(cells), tolower(from))]
  wrong(is.na(values) & !is.na(cells))
  factor(values, levels)
}

read_centre <- function(path) {
  raw <- fread(file.path(folder, path), colClasses = "character", encoding = "UTF-8")
  named <- tolower(names(raw))
  made <- list()
  for (wanted in unique(book$variable)) {
    lines <- book[variable == wanted]
    line <- if (any(lines$file == path)) lines[file == path] else lines[file == ""]
    at <- match(tolower(words(line$source)), named)
    made[[wanted]] <- typed(raw[[at[!is.na(at)][1]]], line)
  }
  as.data.table(made)
}

d <- NULL
timed("read", function() {
  files <- sprintf("centre_%02d.csv", 1:10)
  d <<- unique(rbindlist(lapply(files, read_centre)))
  key <- paste(d$centre, d$patient_id)
  twice <- key %in% key[duplicated(key)]
  questions <<- questions + sum(twice)
  d <<- d[!twice]
  d[disease_duration > age, disease_duration := NA]
})
yes <- function(name) d[[name]] == "yes"
any_of <- function(names) {
  flags <- lapply(names, yes)
  present <- Reduce(`|`, lapply(flags, function(f) f %in% TRUE))
  unknown <- Reduce(`|`, lapply(flags, is.na))
  ifelse(present, TRUE, ifelse(unknown, NA, FALSE))
}

# Scores, definitions, who is in -------------------------------------------------------------------
fingers <- paste0("lesion_", rep(c("thumb", "index", "middle", "ring", "little"), each = 2), "_",
                  c("right", "left"))
beyond <- paste0("lesion_", c("elbow", "forearm", "knee", "foot", "trunk", "other"))
haq_parts <- list(
  dressing = c("dress", "shampoo"), arising = c("stand", "bed"),
  eating = c("cut_meat", "lift_cup", "milk_carton"), walking = c("walk", "steps"),
  hygiene = c("wash", "tub", "toilet"), reach = c("reach", "bend"),
  grip = c("car_doors", "jars", "faucets"), activities = c("errands", "car", "chores"))

timed("scores", function() {
  points <- function(name, level, n) ifelse(d[[name]] %in% level, n, 0)
  total <- points("acr_finger_skin", "puffy", 2) + points("acr_finger_skin", "sclerodactyly", 4) +
    points("acr_fingertip", "ulcers", 2) + points("acr_fingertip", "pitting_scars", 3) +
    points("acr_telangiectasia", "yes", 2) + points("acr_nailfold", "yes", 2) +
    points("acr_pah_ild", "yes", 2) + points("acr_raynaud", "yes", 3) +
    points("acr_antibody", "yes", 3)
  meets <- (yes("acr_skin_proximal") %in% TRUE | total >= 9) &
    yes("acr_mimic") %in% FALSE & yes("acr_fingers_spared") %in% FALSE
  d[, calcinosis := any_of(paste0("calcinosis_", c("imaging", "examination", "history")))]
  d[, digital_ischaemia := any_of(c("digital_ulcer", "gangrene", "pulp_loss", "amputation"))]
  categories <- lapply(names(haq_parts), function(part) {
    worst <- do.call(pmax, c(d[, paste0("haq_", haq_parts[[part]]), with = FALSE], na.rm = TRUE))
    raised <- yes(paste0("haq_help_", part)) %in% TRUE
    if (part != "activities") raised <- raised | yes(paste0("haq_aid_", part)) %in% TRUE
    ifelse(raised, pmax(worst, 2), worst)
  })
  matrix <- do.call(cbind, categories)
  known <- rowSums(!is.na(matrix))
  d[, haq_di := ifelse(known >= 6, round(rowMeans(matrix, na.rm = TRUE) * 8) / 8, NA)]
  d[, cochin := rowSums(as.matrix(d[, sprintf("cochin_%02d", 1:18), with = FALSE]))]
  d[, lesions := rowSums(as.matrix(d[, lapply(.SD, `==`, "yes"), .SDcols = c(fingers, beyond)]))]
  d[, t_score := do.call(pmin, c(d[, .(t_score_lumbar_spine, t_score_total_hip,
                                       t_score_femoral_neck)], na.rm = TRUE))]
  outside <- any_of(beyond)
  d[, location := factor(ifelse(!calcinosis, "none", ifelse(outside, "beyond", "fingers")),
                         c("none", "fingers", "beyond"))]
  d <<- d[meets & !is.na(calcinosis)]
  d[, y := as.integer(calcinosis)]
})

# Table 1 ---------------------------------------------------------------------------------------------
timed("describe", function() {
  for (name in c("age", "disease_duration")) {
    d[, .(n = sum(!is.na(get(name))), mean = mean(get(name), na.rm = TRUE),
          sd = sd(get(name), na.rm = TRUE),
          q = list(quantile(get(name), c(.25, .5, .75), na.rm = TRUE))), by = y]
  }
  for (name in c("sex", "race", "world_region", "subset", "digital_ischaemia", "digital_ulcer",
                 "acro_osteolysis", "acr_telangiectasia", "acr_pah_ild")) {
    table(d[[name]], d$y, useNA = "ifany")
  }
})

# Models ---------------------------------------------------------------------------------------------
covariates <- c("age10", "sex", "subset", "duration10", "digital_ischaemia", "acro_osteolysis",
                "acr_telangiectasia")
d[, `:=`(age10 = age / 10, duration10 = disease_duration / 10)]
together <- y ~ duration10 + digital_ischaemia + acro_osteolysis + centre
compared <- list()
timed("models", function() {
  for (name in covariates) {
    fit <- glm(reformulate(name, "y"), binomial, d)
    anova(fit, test = "LRT")
  }
  fit <- glm(together, binomial, d)
  drop1(fit, test = "LRT")
  compared$multivariable <<- exp(coef(fit)[2:4])
  unfixed <- glm(update(together, . ~ . - centre), binomial, d)
})
used <- d[complete.cases(d[, .(duration10, digital_ischaemia, acro_osteolysis)])]
timed("gee", function() {
  fit <- geepack::geeglm(update(together, . ~ . - centre), binomial, used, id = used$centre,
                         corstr = "exchangeable")
  summary(fit)
})
timed("centres", function() {
  fit <- lme4::glmer(y ~ duration10 + digital_ischaemia + acro_osteolysis + (1 | centre), used,
                     binomial)
  compared$random_intercept <<- exp(lme4::fixef(fit)[2:4])
  for (left_out in levels(used$centre)) {
    glm(together, binomial, droplevels(used[centre != left_out]))
  }
})

# Missing data: chained equations, ten imputations of ten rounds -----------------------------------
draw_levels <- function(x, known, values) {
  fit <- glm.fit(x[known, ], values[known], family = binomial())
  covariance <- chol2inv(fit$qr$qr[seq_len(ncol(x)), ])
  beta <- coef(fit) + drop(t(chol(covariance)) %*% rnorm(ncol(x)))
  runif(sum(!known)) < plogis(x[!known, , drop = FALSE] %*% beta)
}
draw_numbers <- function(x, known, values) {
  fit <- lm.fit(x[known, ], values[known])
  inverse <- chol2inv(fit$qr$qr[seq_len(ncol(x)), ])
  sigma <- sqrt(sum(fit$residuals^2) / rchisq(1, fit$df.residual))
  beta <- coef(fit) + sigma * drop(t(chol(inverse)) %*% rnorm(ncol(x)))
  order <- order(fit$fitted.values)
  sorted <- fit$fitted.values[order]
  at <- findInterval(x[!known, , drop = FALSE] %*% beta, sorted)
  near <- pmin(pmax(at + sample(-2:2, length(at), TRUE), 1), length(sorted))
  values[known][order[near]]
}
timed("missing_data", function() {
  names <- c("duration10", "digital_ischaemia", "acro_osteolysis", "age", "sex", "subset",
             "acr_telangiectasia")
  base <- d[, lapply(.SD, function(v) if (is.factor(v)) as.integer(v) - 1L else as.numeric(v)),
            .SDcols = names]
  centre <- model.matrix(~centre, d)
  fits <- lapply(seq_len(times(10)), function(i) {
    set.seed(i)
    filled <- as.matrix(base)
    gaps <- is.na(filled)
    for (name in names) {
      filled[gaps[, name], name] <- sample(base[[name]][!gaps[, name]], sum(gaps[, name]), TRUE)
    }
    for (round in 1:10) for (name in names[order(colSums(gaps))]) {
      if (!any(gaps[, name])) next
      x <- cbind(centre, d$y, filled[, setdiff(names, name)])
      draw <- if (name %in% c("duration10", "age")) draw_numbers else draw_levels
      filled[gaps[, name], name] <- draw(x, !gaps[, name], filled[, name])
    }
    fit <- glm.fit(cbind(centre, filled[, 1:3]), d$y, family = binomial())
    coef(fit)[11:13]
  })
  compared$imputed <<- exp(colMeans(do.call(rbind, fits)))
}, planned = 10)

# Resamples ----------------------------------------------------------------------------------------
auc <- function(risk, y) {
  ranks <- rank(risk)
  (sum(ranks[y == 1]) - sum(y) * (sum(y) + 1) / 2) / (sum(y) * sum(1 - y))
}
timed("risks", function() {
  x <- model.matrix(together, used)
  for (i in seq_len(times(200))) {
    who <- sample(nrow(x), replace = TRUE)
    fit <- glm.fit(x[who, ], used$y[who], family = binomial())
    for (column in 2:4) for (value in 0:1) {
      set <- x[who, ]
      set[, column] <- if (column == 2) set[, column] + value else value
      mean(plogis(set %*% coef(fit)))
    }
  }
}, planned = 200)
timed("validation", function() {
  x <- model.matrix(together, used)
  measured <- function(risk, y) {
    line <- glm.fit(cbind(1, qlogis(risk)), y, family = binomial())
    c(auc(risk, y), mean((y - risk)^2), coef(line))
  }
  for (i in seq_len(times(200))) {
    who <- sample(nrow(x), replace = TRUE)
    fit <- glm.fit(x[who, ], used$y[who], family = binomial())
    measured(fit$fitted.values, used$y[who]) - measured(plogis(x %*% coef(fit)), used$y)
  }
}, planned = 200)

# Bone density ---------------------------------------------------------------------------------------
shift <- function(name, by, frame) {
  two <- split(frame[[name]], frame[[by]])
  two <- lapply(two, function(v) v[!is.na(v)])
  wilcox.test(two[[2]], two[[1]], conf.int = TRUE, exact = FALSE)
}
hc3 <- function(fit) {
  x <- model.matrix(fit)
  bread <- chol2inv(qr.R(fit$qr))
  bread %*% crossprod(x * (fit$residuals / (1 - hatvalues(fit)))) %*% bread
}
scanned <- d[!is.na(t_score)]
timed("bone_density", function() {
  for (name in c("t_score", "t_score_lumbar_spine", "t_score_total_hip", "t_score_femoral_neck")) {
    test <- shift(name, "y", scanned)
    t.test(reformulate("y", name), scanned)
    if (name == "t_score") compared$t_score <<- c(test$estimate, test$conf.int)
  }
  fit <- lm(t_score ~ y + age + sex + disease_duration, scanned)
  hc3(fit)
  hc3(lm(t_score ~ y, scanned))
})
timed("bone_density_resamples", function() {
  some <- scanned[complete.cases(scanned[, .(age, sex, disease_duration)])]
  model <- t_score ~ y + age + sex + disease_duration
  full <- quantreg::rq(model, data = some, method = "fn")
  all <- d[complete.cases(d[, .(age, sex, disease_duration)])]
  all[, scanned := !is.na(t_score)]
  for (i in seq_len(times(500))) {
    quantreg::rq(model, data = some[sample(nrow(some), replace = TRUE)], method = "fn")
    drawn <- all[sample(nrow(all), replace = TRUE)]
    chance <- glm(scanned ~ age + sex + disease_duration, binomial, drawn)$fitted.values
    has <- drawn$scanned
    weight <- mean(has) / chance[has]
    weight <- pmin(pmax(weight, quantile(weight, .01)), quantile(weight, .99))
    seen <- drawn[has][, weight := weight][order(t_score)]
    seen[, .(t_score[which(cumsum(weight) >= sum(weight) / 2)[1]]), by = y]
  }
}, planned = 500)

# Disability, lesions, centres ---------------------------------------------------------------------
jonckheere <- function(values, by) {
  groups <- split(values, by)
  earlier <- NULL
  total <- 0
  for (group in groups) {
    if (length(earlier)) {
      ranks <- rank(c(earlier, group))
      own <- ranks[length(earlier) + seq_along(group)]
      total <- total + sum(own) - length(group) * (length(group) + 1) / 2
    }
    earlier <- c(earlier, group)
  }
  total
}
timed("disability", function() {
  d[, classes := cut(lesions, c(-1, 0, 1, 2, 4, Inf))]
  for (score in c("haq_di", "cochin")) {
    shift(score, "y", d)
    kruskal.test(reformulate("location", score), d)
    for (pair in list(c("none", "fingers"), c("none", "beyond"), c("fingers", "beyond"))) {
      shift(score, "location", droplevels(d[location %in% pair]))
    }
    for (by in c("y", "location")) {
      d[, .(mean(get(score), na.rm = TRUE), sd(get(score), na.rm = TRUE)), by = by]
      hc3(lm(reformulate(c(by, "age", "sex", "subset", "disease_duration"), score), d))
    }
    known <- d[!is.na(get(score)) & !is.na(lesions)]
    for (part in list(known, known[lesions > 0])) {
      cor.test(part[[score]], part$lesions, method = "spearman", exact = FALSE)
      cor.test(part[[score]], part$lesions)
      jonckheere(part[[score]], part$classes)
      hc3(lm(reformulate(c("lesions", "age", "sex", "subset", "disease_duration"), score), part))
    }
  }
})
timed("lesions", function() {
  with_it <- d[y == 1]
  for (name in c(fingers, beyond, "tenderness", "extrusion", "infection")) {
    has <- with_it[[name]] == "yes"
    prop.test(sum(has, na.rm = TRUE), sum(!is.na(has)))
    with_it[, mean(get(name) == "yes", na.rm = TRUE), by = centre]
  }
  pattern <- do.call(paste0, lapply(c(fingers, beyond), function(n) as.integer(with_it[[n]])))
  sort(table(pattern), decreasing = TRUE)
  for (finger in c("thumb", "index", "middle", "ring", "little")) {
    right <- with_it[[paste0("lesion_", finger, "_right")]]
    left <- with_it[[paste0("lesion_", finger, "_left")]]
    mcnemar.test(table(right, left))
  }
})
timed("by_centre", function() {
  d[, lapply(.SD, function(v) mean(is.na(v))), by = centre,
    .SDcols = c("age", "sex", "subset", "disease_duration", "digital_ischaemia",
                "acro_osteolysis", "haq_di", "cochin", "location")]
  chisq.test(table(d$centre, d$y))
})
timed("by_centre_left_out", function() {
  for (left_out in head(c("", levels(d$centre)), times(11))) {
    rest <- d[centre != left_out]
    binom.test(sum(rest$y), nrow(rest))
    for (score in c("haq_di", "cochin", "t_score")) shift(score, "y", rest)
  }
}, planned = 11)

compared$patients <- nrow(d)
for (name in names(compared)) cat("#", name, sprintf("%.6f", compared[[name]]), "\n")
