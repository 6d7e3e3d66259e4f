# Risk ratios and differences beside the odds ratios of the multivariable model.
#
# in:  datasets/models.parquet
# out: results/<cohort>/estimates/risks.csv, and in private/risks the resamples, 100 a batch


wildcard_constraints:
    batch=r"\d+",


rule risks_bootstrap:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/models.parquet",
    output:
        "results/{cohort}/private/risks/batch_{batch}.parquet",
    log:
        "results/{cohort}/private/logs/risks_bootstrap_{batch}.log",
    priority: LONG_ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("risks_bootstrap.py"),
        models=fact("settings/models"),
        centres=fact("settings/fixed_effect"),
        bootstrap=fact("settings/risks_bootstrap"),
    message:
        "{wildcards.cohort}: risks, resamples, batch {wildcards.batch}"
    script:
        "../scripts/risks_bootstrap.py"


rule risks:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/models.parquet",
        resamples=batches("risks"),
    output:
        "results/{cohort}/estimates/risks.csv",
    log:
        "results/{cohort}/private/logs/risks.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("risks.py"),
        models=fact("settings/models"),
        centres=fact("settings/fixed_effect"),
    message:
        "{wildcards.cohort}: adjusted risks and their ratios"
    script:
        "../scripts/risks.py"
