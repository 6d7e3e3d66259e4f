# Incidence of progression per person-time.
#
# in:  datasets/incidence.parquet
# out: results/<cohort>/estimates/incidence.csv, figures/incidence_figure.*


rule incidence:
    input:
        settled=ancient(settled()),
        intervals="results/{cohort}/private/datasets/incidence.parquet",
    output:
        "results/{cohort}/estimates/incidence.csv",
    log:
        "results/{cohort}/private/logs/incidence.log",
    priority: LONG_ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("incidence.py"),
        incidence=fact("settings/incidence"),
    message:
        "{wildcards.cohort}: incidence per person-years"
    script:
        "../scripts/incidence.py"


rule incidence_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/incidence.csv",
    output:
        **drawn("incidence_figure"),
    log:
        "results/{cohort}/private/logs/incidence_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("incidence_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
        observation=fact("plan/report/observation"),
    message:
        "{wildcards.cohort}: drawing the incidence"
    script:
        "../scripts/incidence_figure.py"
