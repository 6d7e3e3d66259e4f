# SCTC score of films from coverage and density, and progression by its change.
#
# in:  datasets/sctc.parquet
# out: results/<cohort>/estimates/sctc.csv


rule sctc:
    input:
        settled=ancient(settled()),
        scores="results/{cohort}/private/datasets/sctc.parquet",
    output:
        "results/{cohort}/estimates/sctc.csv",
    log:
        "results/{cohort}/private/logs/sctc.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("sctc.py"),
        comparison=fact("plan/severity/comparison"),
    message:
        "{wildcards.cohort}: severity by SCTC score"
    script:
        "../scripts/sctc.py"
