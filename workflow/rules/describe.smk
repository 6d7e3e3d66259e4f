# Table 1: the patients by group.
#
# in:  datasets/describe.parquet, datasets/one_film.parquet (where the plan compares films)
# out: results/<cohort>/estimates/describe.csv


rule describe:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/describe.parquet",
        one_film="results/{cohort}/private/datasets/one_film.parquet",
    output:
        "results/{cohort}/estimates/describe.csv",
    log:
        "results/{cohort}/private/logs/describe.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("describe.py"),
        describe=fact("settings/describe"),
    message:
        "{wildcards.cohort}: the table of participants"
    script:
        "../scripts/describe.py"
