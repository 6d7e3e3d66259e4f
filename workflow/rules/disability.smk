# Disability and hand function by group.
#
# in:  datasets/disability.parquet
# out: results/<cohort>/estimates/disability.csv, figures/disability_figure.*,
#      figures/disability_means_figure.*


rule disability:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/disability.parquet",
    output:
        "results/{cohort}/estimates/disability.csv",
    log:
        "results/{cohort}/private/logs/disability.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("disability.py"),
        disability=fact("settings/disability"),
    message:
        "{wildcards.cohort}: disability and hand function"
    script:
        "../scripts/disability.py"


rule disability_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/disability.csv",
    output:
        **drawn(*sections.FIGURES["disability"]),
    log:
        "results/{cohort}/private/logs/disability_figure.log",
    priority: LONG_FIGURES
    conda:
        "../../environment.yml"
    params:
        code=code("disability_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing disability and hand function"
    script:
        "../scripts/disability_figure.py"
