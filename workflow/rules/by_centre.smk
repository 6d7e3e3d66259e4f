# Centres side by side: patients, missing values, open questions, the finding, the main results.
#
# in:  datasets/by_centre.parquet, datasets/by_centre_questions.parquet
# out: results/<cohort>/estimates/by_centre.csv, figures/by_centre_figure.*


rule by_centre:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/by_centre.parquet",
        questions="results/{cohort}/private/datasets/by_centre_questions.parquet",
    output:
        "results/{cohort}/estimates/by_centre.csv",
    log:
        "results/{cohort}/private/logs/by_centre.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("by_centre.py"),
        by_centre=fact("settings/by_centre"),
    message:
        "{wildcards.cohort}: centres side by side"
    script:
        "../scripts/by_centre.py"


rule by_centre_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/by_centre.csv",
    output:
        **drawn("by_centre_figure"),
    log:
        "results/{cohort}/private/logs/by_centre_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("by_centre_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing the centres side by side"
    script:
        "../scripts/by_centre_figure.py"
