# Participants: who is in the analysis, and where each of the others left.
#
# in:  datasets/flow.parquet, datasets/records.parquet
# out: results/<cohort>/estimates/flow.csv, private/excluded_patients.csv,
#      figures/flow_figure.*


rule flow:
    input:
        settled=ancient(settled()),
        flow="results/{cohort}/private/datasets/flow.parquet",
        records="results/{cohort}/private/datasets/records.parquet",
    output:
        estimates="results/{cohort}/estimates/flow.csv",
        excluded="results/{cohort}/private/excluded_patients.csv",
    log:
        "results/{cohort}/private/logs/flow.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("flow.py"),
    message:
        "{wildcards.cohort}: participant flow"
    script:
        "../scripts/flow.py"


rule flow_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/flow.csv",
    output:
        **drawn("flow_figure"),
    log:
        "results/{cohort}/private/logs/flow_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("flow_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
    message:
        "{wildcards.cohort}: drawing the participant flow"
    script:
        "../scripts/flow_figure.py"
