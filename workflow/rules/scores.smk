# Scores: composites, classification, questionnaires and classes, added to the patients table.
#
# in:  tables/patients.parquet
# out: results/<cohort>/private/patients.parquet


rule scores:
    input:
        "results/{cohort}/private/tables/patients.parquet",
    output:
        "results/{cohort}/private/patients.parquet",
    log:
        "results/{cohort}/private/logs/scores.log",
    conda:
        "../../environment.yml"
    params:
        code=code("scores.py"),
        plan=fact("scoring"),
    script:
        "../scripts/scores.py"
