# Changes: what this run gave, kept in the memory, and what differs from the export before.
#
# in:  estimates.csv, tables/*.parquet, patients.parquet, severity/*.parquet, datasets/flow.parquet,
#      queries.csv, corrections_applied.csv, records/<cohort>
# out: results/<cohort>/changes.html, changes.csv, private/changed_patients.csv,
#      private/changed_values.csv; adds to the records
#
# Nothing depends on this rule: report, index and estimates of an export are the same, whatever ran
# before it.


rule changes:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates.csv",
        patients="results/{cohort}/private/tables/patients.parquet",
        readings="results/{cohort}/private/tables/readings.parquet",
        scored="results/{cohort}/private/patients.parquet",
        flow="results/{cohort}/private/datasets/flow.parquet",
        films=of_films("films"),
        intervals=of_films("intervals"),
        queries="results/{cohort}/private/queries.csv",
        corrections="results/{cohort}/private/corrections_applied.csv",
    output:
        page=shown("results/{cohort}/changes.html", "Changes", "changes", "Reports"),
        table="results/{cohort}/changes.csv",
        patients="results/{cohort}/private/changed_patients.csv",
        values="results/{cohort}/private/changed_values.csv",
    log:
        "results/{cohort}/private/logs/changes.log",
    conda:
        "../../environment.yml"
    params:
        code=code("changes.py"),
        templates=templates("changes.html.j2"),
        made=made_of,
        about=fact("plan/about"),
        numbers=fact("plan/report/numbers"),
        labels=fact("labels"),
        memory="records/{cohort}",
    message:
        "{wildcards.cohort}: comparing with the export before"
    script:
        "../scripts/changes.py"
