# Validation: how well the multivariable model predicts, and on which patients it hangs.
#
# in:  datasets/models.parquet
# out: results/<cohort>/estimates/validation.csv, figures/validation_figure.*,
#      private/influential_patients.csv


# A hundred resamples; each depends on the seed and its own number only.
rule validation_bootstrap:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/models.parquet",
    output:
        "results/{cohort}/private/validation/batch_{batch}.parquet",
    log:
        "results/{cohort}/private/logs/validation_bootstrap_{batch}.log",
    wildcard_constraints:
        batch=r"\d+",
    priority: LONG_ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("validation_bootstrap.py"),
        models=fact("settings/models"),
        centres=fact("settings/fixed_effect"),
        bootstrap=fact("settings/validation_bootstrap"),
    message:
        "{wildcards.cohort}: validation, resamples, batch {wildcards.batch}"
    script:
        "../scripts/validation_bootstrap.py"


rule validation:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/models.parquet",
        resamples=batches("validation"),
    output:
        estimates="results/{cohort}/estimates/validation.csv",
        influential="results/{cohort}/private/influential_patients.csv",
    log:
        "results/{cohort}/private/logs/validation.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("validation.py"),
        models=fact("settings/models"),
        centres=fact("settings/fixed_effect"),
        groups=fact("plan/validation/groups"),
    message:
        "{wildcards.cohort}: discrimination and calibration"
    script:
        "../scripts/validation.py"


rule validation_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/validation.csv",
    output:
        **drawn("validation_figure"),
    log:
        "results/{cohort}/private/logs/validation_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("validation_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing discrimination and calibration"
    script:
        "../scripts/validation_figure.py"
