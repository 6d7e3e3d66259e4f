# Published: the numbers that a paper prints, held against each other and against ours.
#
# in:  cohorts/<cohort>/published.yaml (as settings), results/<cohort>/estimates/*.csv of what it names
# out: results/<cohort>/estimates/published.csv


rule published:
    input:
        settled=ancient(settled()),
        ours=beside_published,
    output:
        "results/{cohort}/estimates/published.csv",
    log:
        "results/{cohort}/private/logs/published.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("published.py"),
        published=fact("settings/published"),
    message:
        "{wildcards.cohort}: comparing with the published numbers"
    script:
        "../scripts/published.py"
