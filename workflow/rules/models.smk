# Associated factors: univariable and multivariable logistic regression.
#
# in:  datasets/models.parquet
# out: results/<cohort>/estimates/models.csv, figures/forest_figure.*, curves_figure.* (where a covariate is one)


rule models:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/models.parquet",
    output:
        "results/{cohort}/estimates/models.csv",
    log:
        "results/{cohort}/private/logs/models.log",
    priority: LONG_ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("models.py"),
        models=fact("settings/models"),
        centres=fact("settings/centres_of_models"),
    message:
        "{wildcards.cohort}: logistic regression models"
    script:
        "../scripts/models.py"


rule forest_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/models.csv",
    output:
        **drawn("forest_figure"),
    log:
        "results/{cohort}/private/logs/forest_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("forest_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing the odds ratios"
    script:
        "../scripts/forest_figure.py"


rule curves_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/models.csv",
    output:
        **drawn("curves_figure"),
    log:
        "results/{cohort}/private/logs/curves_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("curves_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing the curves of continuous covariates"
    script:
        "../scripts/curves_figure.py"
