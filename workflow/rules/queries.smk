# Queries: each site's workbook of questions, with their states over the exports.
#
# in:  private/queries.csv, private/corrections_applied.csv, records/<cohort>/private/queries.csv
# out: results/<cohort>/private/query_states.csv, private/queries/<site>.xlsx; adds to the records
#
# With `changes` the only rule that reads or writes the records; no estimate, report or index depends
# on it. Which sites have questions is not known before; `no_site.xlsx` is always there.


rule queries:
    input:
        queries="results/{cohort}/private/queries.csv",
        corrections="results/{cohort}/private/corrections_applied.csv",
    output:
        states="results/{cohort}/private/query_states.csv",
        no_site="results/{cohort}/private/queries/no_site.xlsx",
    log:
        "results/{cohort}/private/logs/queries.log",
    conda:
        "../../environment.yml"
    params:
        code=code("queries.py"),
        export=fact("asking/export"),
        lines=fact("asking/lines"),
        labels=fact("labels"),
        memory="records/{cohort}/private/queries.csv",
    message:
        "{wildcards.cohort}: writing the questions to the sites"
    script:
        "../scripts/queries.py"
