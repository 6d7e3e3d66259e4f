# Ingest: from export and codebook to typed tables, queries and normalisations.
#
# in:  cohorts/<cohort>/codebook.csv, the export files, dictionaries of REDCap, corrections.csv
#      (where there is one)
# out: results/<cohort>/private/tables/*.parquet, *.parquet, queries.csv, normalisations.csv,
#      corrections_applied.csv; results/<cohort>/estimates/quality.csv
#
# The export counts by its hash and the codebook by its meaning: files that were touched, and
# labels, make nothing again.


rule clean:
    input:
        exports=ancient(lambda wildcards: sorted(FACTS[wildcards.cohort]["exports"])),
        codebook=ancient(lambda wildcards: FACTS[wildcards.cohort]["codebook"]),
        dictionaries=ancient(lambda wildcards: FACTS[wildcards.cohort]["dictionaries"]),
    output:
        patients="results/{cohort}/private/tables/patients.parquet",
        readings="results/{cohort}/private/tables/readings.parquet",
        patients_origin="results/{cohort}/private/tables/patients_origin.parquet",
        readings_origin="results/{cohort}/private/tables/readings_origin.parquet",
        quality="results/{cohort}/private/quality.parquet",
        checks="results/{cohort}/private/checks.parquet",
        queries="results/{cohort}/private/queries.csv",
        normalisations="results/{cohort}/private/normalisations.csv",
        corrections="results/{cohort}/private/corrections_applied.csv",
    log:
        "results/{cohort}/private/logs/clean.log",
    conda:
        "../../environment.yml"
    params:
        code=code("clean.py"),
        files=fact("files"),
        hashes=fact("exports"),
        codebook=fact("codebook_meaning"),
        export=fact("plan/export"),
        cleaning=fact("settings/cleaning"),
        corrections=fact("side_files/corrections"),
    message:
        "{wildcards.cohort}: reading, checking and cleaning the export"
    script:
        "../scripts/clean.py"


rule quality:
    input:
        settled=ancient(settled()),
        quality="results/{cohort}/private/datasets/quality.parquet",
        checks="results/{cohort}/private/datasets/checks.parquet",
    output:
        "results/{cohort}/estimates/quality.csv",
    log:
        "results/{cohort}/private/logs/quality.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("quality.py"),
    message:
        "{wildcards.cohort}: counting rows, cells and questions of the export"
    script:
        "../scripts/quality.py"
