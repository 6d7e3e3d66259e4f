# Multiplicity: p-values of the models adjusted for the number of tests.
#
# in:  results/<cohort>/estimates/models.csv
# out: results/<cohort>/estimates/multiplicity.csv


rule multiplicity:
    input:
        settled=ancient(settled()),
        models="results/{cohort}/estimates/models.csv",
    output:
        "results/{cohort}/estimates/multiplicity.csv",
    log:
        "results/{cohort}/private/logs/multiplicity.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("multiplicity.py"),
        families=fact("plan/multiplicity/families"),
    message:
        "{wildcards.cohort}: p-values of families of tests"
    script:
        "../scripts/multiplicity.py"
