# Progression corrected for errors of reading that are taken as known.
#
# in:  datasets/severity.parquet, incidence.parquet, models.parquet
# out: results/<cohort>/estimates/misclassification.csv


rule misclassification:
    input:
        settled=ancient(settled()),
        incidence="results/{cohort}/private/datasets/incidence.parquet",
        models="results/{cohort}/private/datasets/models.parquet",
        intervals="results/{cohort}/private/datasets/severity.parquet",
    output:
        "results/{cohort}/estimates/misclassification.csv",
    log:
        "results/{cohort}/private/logs/misclassification.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("misclassification.py"),
        settings=fact("settings/misclassification"),
    message:
        "{wildcards.cohort}: what misread films would change"
    script:
        "../scripts/misclassification.py"
