# Severity and progression: grades per film and region, pairs of films, transitions, risks.
#
# in:  tables/readings.parquet
# out: results/<cohort>/private/severity/*.parquet, results/<cohort>/estimates/severity.csv,
#      figures/transitions_figure.*, figures/hand_map_figure.* (where films are read by region or
#      side), private/figures/swimmer_figure.*


rule films:
    input:
        "results/{cohort}/private/tables/readings.parquet",
    output:
        intervals="results/{cohort}/private/severity/intervals.parquet",
        regions="results/{cohort}/private/severity/regions.parquet",
        first_last_regions="results/{cohort}/private/severity/first_last_regions.parquet",
        films="results/{cohort}/private/severity/films.parquet",
        grades="results/{cohort}/private/severity/grades.parquet",
        definitions="results/{cohort}/private/severity/definitions.parquet",
        sctc="results/{cohort}/private/severity/sctc.parquet",
        double_readings="results/{cohort}/private/severity/double_readings.parquet",
    log:
        "results/{cohort}/private/logs/films.log",
    conda:
        "../../environment.yml"
    params:
        code=code("films.py"),
        disagreement=fact("plan/readers/disagreement"),
        primary=fact("plan/readers/primary"),
        comparison=fact("plan/severity/comparison"),
        unread_regions=fact("plan/severity/unread_regions"),
        worsening=fact("plan/severity/worsening"),
        weights=fact("settings/weights"),
    message:
        "{wildcards.cohort}: grading the films by region"
    script:
        "../scripts/films.py"


rule severity:
    input:
        settled=ancient(settled()),
        intervals="results/{cohort}/private/datasets/severity.parquet",
        regions="results/{cohort}/private/datasets/regions.parquet",
        first_last_regions="results/{cohort}/private/datasets/first_last_regions.parquet",
        definitions="results/{cohort}/private/datasets/definitions.parquet",
    output:
        "results/{cohort}/estimates/severity.csv",
    log:
        "results/{cohort}/private/logs/severity.log",
    priority: ESTIMATES
    conda:
        "../../environment.yml"
    params:
        code=code("severity.py"),
        comparison=fact("plan/severity/comparison"),
    message:
        "{wildcards.cohort}: severity, transitions and progression"
    script:
        "../scripts/severity.py"


rule transitions_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/severity.csv",
    output:
        **drawn("transitions_figure"),
    log:
        "results/{cohort}/private/logs/transitions_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("transitions_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
        observation=fact("plan/report/observation"),
    message:
        "{wildcards.cohort}: drawing the transitions between grades"
    script:
        "../scripts/transitions_figure.py"


rule hand_map_figure:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates/severity.csv",
    output:
        **drawn("hand_map_figure"),
    log:
        "results/{cohort}/private/logs/hand_map_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("hand_map_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
        observation=fact("plan/report/observation"),
    message:
        "{wildcards.cohort}: drawing the map of the hands"
    script:
        "../scripts/hand_map_figure.py"


# Case by case, hence private: no report embeds it.
rule swimmer_figure:
    input:
        settled=ancient(settled()),
        films="results/{cohort}/private/datasets/films.parquet",
    output:
        svg="results/{cohort}/private/figures/swimmer_figure.svg",
        png="results/{cohort}/private/figures/swimmer_figure.png",
        data="results/{cohort}/private/figure_data/swimmer_figure.csv",
    log:
        "results/{cohort}/private/logs/swimmer_figure.log",
    conda:
        "../../environment.yml"
    params:
        code=code("swimmer_figure.py"),
        labels=fact("labels"),
        numbers=fact("plan/report/numbers"),
        observation=fact("plan/report/observation"),
    message:
        "{wildcards.cohort}: drawing the films of each patient (private)"
    script:
        "../scripts/swimmer_figure.py"
