# Centres: random intercepts, each centre left out, heterogeneity. Fixed effects and generalised
# estimating equations are in rule models.
#
# in:  datasets/models.parquet
# out: results/<cohort>/estimates/centres.csv, figures/leave_one_out_figure.*


rule centres:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/models.parquet",
    output:
        "results/{cohort}/estimates/centres.csv",
    log:
        "results/{cohort}/private/logs/centres.log",
    priority: LONG_ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("centres.py"),
        models=fact("settings/models"),
        centres=fact("settings/centres"),
    message:
        "{wildcards.cohort}: models by centre"
    script:
        "../scripts/centres.py"


rule leave_one_out_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/centres.csv",
    output:
        **drawn("leave_one_out_figure"),
    log:
        "results/{cohort}/private/logs/leave_one_out_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("leave_one_out_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing the models without each centre"
    script:
        "../scripts/leave_one_out_figure.py"
