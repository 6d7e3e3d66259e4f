# An ordered outcome: proportional odds and each cut by itself.
#
# in:  datasets/ordinal.parquet
# out: results/<cohort>/estimates/ordinal.csv


rule ordinal:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/ordinal.parquet",
    output:
        "results/{cohort}/estimates/ordinal.csv",
    log:
        "results/{cohort}/private/logs/ordinal.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("ordinal.py"),
        settings=fact("settings/ordinal"),
    message:
        "{wildcards.cohort}: proportional odds models"
    script:
        "../scripts/ordinal.py"
