# Datasets: composites, scores and classes of each patient, who is in the analysis, and one dataset
# per analysis with only the columns it uses.
#
# in:  tables/patients.parquet, severity/*.parquet, quality.parquet, checks.parquet, exclude.csv
#      (where there is one), queries.csv (which holds the ids of patients whose rows are out)
# out: results/<cohort>/private/patients.parquet, with scores; private/datasets/*.parquet
#
# A checkpoint, because the engine compares contents again when a checkpoint has finished: an
# estimate whose dataset came out the same is not made again. `.done` is the anchor of the rules
# below it (`settled` in common.smk).


checkpoint datasets:
    input:
        patients="results/{cohort}/private/tables/patients.parquet",
        quality="results/{cohort}/private/quality.parquet",
        checks="results/{cohort}/private/checks.parquet",
        intervals=of_films("intervals"),
        regions=of_films("regions"),
        first_last_regions=of_films("first_last_regions"),
        films=of_films("films"),
        grades=of_films("grades"),
        definitions=of_films("definitions"),
        sctc=of_films("sctc"),
        double_readings=of_films("double_readings"),
        queries="results/{cohort}/private/queries.csv",
    output:
        patients="results/{cohort}/private/patients.parquet",
        flow="results/{cohort}/private/datasets/flow.parquet",
        records="results/{cohort}/private/datasets/records.parquet",
        quality="results/{cohort}/private/datasets/quality.parquet",
        checks="results/{cohort}/private/datasets/checks.parquet",
        severity="results/{cohort}/private/datasets/severity.parquet",
        regions="results/{cohort}/private/datasets/regions.parquet",
        first_last_regions="results/{cohort}/private/datasets/first_last_regions.parquet",
        definitions="results/{cohort}/private/datasets/definitions.parquet",
        sctc="results/{cohort}/private/datasets/sctc.parquet",
        agreement="results/{cohort}/private/datasets/agreement.parquet",
        incidence="results/{cohort}/private/datasets/incidence.parquet",
        films="results/{cohort}/private/datasets/films.parquet",
        models="results/{cohort}/private/datasets/models.parquet",
        ordinal="results/{cohort}/private/datasets/ordinal.parquet",
        missing_data="results/{cohort}/private/datasets/missing_data.parquet",
        describe="results/{cohort}/private/datasets/describe.parquet",
        one_film="results/{cohort}/private/datasets/one_film.parquet",
        bone_density="results/{cohort}/private/datasets/bone_density.parquet",
        disability="results/{cohort}/private/datasets/disability.parquet",
        lesions="results/{cohort}/private/datasets/lesions.parquet",
        by_centre="results/{cohort}/private/datasets/by_centre.parquet",
        by_centre_questions="results/{cohort}/private/datasets/by_centre_questions.parquet",
        done="results/{cohort}/private/datasets/.done",
    log:
        "results/{cohort}/private/logs/datasets.log",
    conda:
        "../../environment.yml"
    params:
        code=code("datasets.py"),
        scoring=fact("scoring"),
        criteria=fact("settings/criteria"),
        improvement=branch(
            fact("plan/severity"), then=fact("plan/severity/improvement")
        ),
        exclude=fact("side_files/exclude"),
        needs=fact("needs"),
    message:
        "{wildcards.cohort}: scores, eligibility, and a dataset for each analysis"
    script:
        "../scripts/datasets.py"
