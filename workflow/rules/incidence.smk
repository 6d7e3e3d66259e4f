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
    params:
        code=code("incidence.py"),
        per=fact("plan/incidence/per"),
    log:
        "results/{cohort}/private/logs/incidence.log",
    script:
        "../scripts/incidence.py"
