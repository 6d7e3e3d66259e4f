# Lesions by site and complications, each denominator named.
#
# in:  datasets/lesions.parquet
# out: results/<cohort>/estimates/lesions.csv, figures/lesions_figure.*


rule lesions:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/lesions.parquet",
    output:
        "results/{cohort}/estimates/lesions.csv",
    log:
        "results/{cohort}/private/logs/lesions.log",
    conda:
        "../../environment.yml"
    params:
        code=code("lesions.py"),
        lesions=fact("settings/lesions"),
    script:
        "../scripts/lesions.py"


rule lesions_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/lesions.csv",
    output:
        svg="results/{cohort}/figures/lesions_figure.svg",
        png="results/{cohort}/figures/lesions_figure.png",
        data="results/{cohort}/figure_data/lesions_figure.csv",
    log:
        "results/{cohort}/private/logs/lesions_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("lesions_figure.py"),
        labels=fact("labels"),
    script:
        "../scripts/lesions_figure.py"
