# Incidence of progression per person-time.
#
# in:  datasets/incidence.parquet
# out: results/<cohort>/estimates/incidence.csv


rule incidence:
    input:
        settled=ancient(settled()),
        intervals="results/{cohort}/private/datasets/incidence.parquet",
    output:
        "results/{cohort}/estimates/incidence.csv",
    log:
        "results/{cohort}/private/logs/incidence.log",
    conda:
        "../../environment.yml"
    params:
        code=code("incidence.py"),
        per=fact("plan/incidence/per"),
    script:
        "../scripts/incidence.py"
