# Missing data: what is missing and in whom, and the multivariable model by multiple imputation.
#
# in:  datasets/missing_data.parquet
# out: results/<cohort>/private/imputations/batch_<batch>.parquet (five imputations each, so that a
#      cluster can scatter them), estimates/missing_data.csv, figures/missing_data_figure.*


rule impute:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/missing_data.parquet",
    output:
        "results/{cohort}/private/imputations/batch_{batch}.parquet",
    log:
        "results/{cohort}/private/logs/impute_{batch}.log",
    wildcard_constraints:
        batch=r"\d+",
    priority: LONG_ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("impute.py"),
        imputation=fact("settings/imputation"),
    message:
        "{wildcards.cohort}: multiple imputation, batch {wildcards.batch}"
    script:
        "../scripts/impute.py"


rule missing_data:
    input:
        settled=ancient(settled()),
        dataset="results/{cohort}/private/datasets/missing_data.parquet",
        imputations=batches("imputations"),
    output:
        "results/{cohort}/estimates/missing_data.csv",
    log:
        "results/{cohort}/private/logs/missing_data.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("missing_data.py"),
        models=fact("settings/models"),
        missing_data=fact("settings/missing_data"),
    message:
        "{wildcards.cohort}: missing values and pooled models"
    script:
        "../scripts/missing_data.py"


rule missing_data_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/missing_data.csv",
    output:
        **drawn("missing_data_figure"),
    log:
        "results/{cohort}/private/logs/missing_data_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("missing_data_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing the missing values"
    script:
        "../scripts/missing_data_figure.py"
