# Lesions by site, finger and side, complications, and how lesions were found.
#
# in:  datasets/lesions.parquet, models.parquet
# out: results/<cohort>/estimates/lesions.csv; figures/lesions_figure.*, lesion_hand_map_figure.*,
#      site_combinations_figure.*


rule lesions:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/lesions.parquet",
        models="results/{cohort}/private/datasets/models.parquet",
    output:
        "results/{cohort}/estimates/lesions.csv",
    log:
        "results/{cohort}/private/logs/lesions.log",
    priority: LONG_ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("lesions.py"),
        lesions=fact("settings/lesions"),
    message:
        "{wildcards.cohort}: lesions, locations and complications"
    script:
        "../scripts/lesions.py"


rule lesions_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/lesions.csv",
    output:
        **drawn(*sections.FIGURES["lesions"]),
    log:
        "results/{cohort}/private/logs/lesions_figure.log",
    priority: LONG_FIGURES
    conda:
        "../../environment.yml"
    params:
        code=code("lesions_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing lesions"
    script:
        "../scripts/lesions_figure.py"
