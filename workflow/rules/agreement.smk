# Agreement of readers on the same films, and the false worsening that published kappas allow.
#
# in:  datasets/agreement.parquet, severity.parquet
# out: results/<cohort>/estimates/agreement.csv


rule agreement:
    input:
        settled=ancient(settled()),
        pairs="results/{cohort}/private/datasets/agreement.parquet",
        intervals="results/{cohort}/private/datasets/severity.parquet",
    output:
        "results/{cohort}/estimates/agreement.csv",
    log:
        "results/{cohort}/private/logs/agreement.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("agreement.py"),
        agreement=fact("settings/agreement"),
    message:
        "{wildcards.cohort}: agreement of the readers"
    script:
        "../scripts/agreement.py"
