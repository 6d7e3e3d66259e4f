# Bone density: T-scores by group, WHO classes, who had densitometry.
#
# in:  datasets/bone_density.parquet
# out: results/<cohort>/estimates/bone_density.csv, figures/bone_density_figure.*


rule bone_density:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/bone_density.parquet",
    output:
        "results/{cohort}/estimates/bone_density.csv",
    log:
        "results/{cohort}/private/logs/bone_density.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("bone_density.py"),
        bone_density=fact("settings/bone_density"),
    message:
        "{wildcards.cohort}: bone density"
    script:
        "../scripts/bone_density.py"


rule bone_density_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/bone_density.csv",
    output:
        **drawn("bone_density_figure"),
    log:
        "results/{cohort}/private/logs/bone_density_figure.log",
    priority: LONG_FIGURES
    conda:
        "../../environment.yml"
    params:
        code=code("bone_density_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing bone density"
    script:
        "../scripts/bone_density_figure.py"
