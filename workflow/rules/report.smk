# Report: one table of estimates, one page per cohort, one index, one verdict.
#
# in:  results/<cohort>/estimates/*.csv, figures/*.svg, *.png; datasets/*.parquet for their hashes
# out: results/<cohort>/estimates.csv, report.html, tables.docx, tables/*.csv; results/index.html,
#      manifest.json, verdict.txt


rule estimates:
    input:
        settled=ancient(settled()),
        parts=parts,
    output:
        shown("results/{cohort}/estimates.csv", "Estimates", "estimates", "Reports"),
    log:
        "results/{cohort}/private/logs/estimates.log",
    conda:
        "../../environment.yml"
    params:
        code=code("estimates.py"),
    message:
        "{wildcards.cohort}: putting the estimates into one table"
    script:
        "../scripts/estimates.py"


rule report:
    input:
        settled=ancient(settled()),
        parts=parts,
        datasets=lambda wildcards: [
            f"results/{wildcards.cohort}/private/datasets/{name}.parquet"
            for name in dict.fromkeys(
                name
                for analysis in analyses(wildcards.cohort)
                for name in ORIGINS[analysis].datasets
            )
        ],
        figures=lambda wildcards: [
            f"results/{wildcards.cohort}/figures/{figure}.svg"
            for figure in figures(wildcards.cohort)
        ],
    output:
        shown("results/{cohort}/report.html", "Report", "report", "Reports"),
    log:
        "results/{cohort}/private/logs/report.log",
    conda:
        "../../environment.yml"
    params:
        code=code("report.py"),
        templates=templates("report.html.j2"),
        datasets_of=lambda wildcards: {
            analysis: ORIGINS[analysis].datasets
            for analysis in analyses(wildcards.cohort)
        },
        plan=fact("plan"),
        labels=fact("labels"),
    message:
        "{wildcards.cohort}: writing the report"
    script:
        "../scripts/report.py"


rule word:
    input:
        settled=ancient(settled()),
        estimates="results/{cohort}/estimates.csv",
        figures=lambda wildcards: [
            f"results/{wildcards.cohort}/figures/{figure}.png"
            for figure in figures(wildcards.cohort)
        ],
    output:
        document=shown(
            "results/{cohort}/tables.docx", "Word tables", "tables", "Reports"
        ),
        tables=directory("results/{cohort}/tables"),  # as many files as there are tables
    log:
        "results/{cohort}/private/logs/word.log",
    conda:
        "../../environment.yml"
    params:
        code=code("word.py"),
        plan=fact("plan"),
        labels=fact("labels"),
        citation=CITATION,
        template=fact("word_template"),
    message:
        "{wildcards.cohort}: writing the Word file and the tables"
    script:
        "../scripts/word.py"


# Beside the reports and not after them: it says nothing that is not among the estimates.
rule index:
    input:
        settled=ancient(expand(settled(), cohort=PLAN_FILES)),
        estimates=expand("results/{cohort}/estimates.csv", cohort=PLAN_FILES),
    output:
        report(
            f"results/index{SUFFIX}.html",
            caption="../report/index.rst",
            category="Reports",
            labels={"cohort": "all", "what": "Index"},
        ),
    log:
        f"results/logs/index{SUFFIX}.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        code=code("index.py"),
        templates=templates("index.html.j2"),
        plans={
            name: {
                section: facts["plan"][section]
                for section in ("about", "report", "severity", "incidence")
            }
            for name, facts in FACTS.items()
        },
        labels={name: facts["labels"] for name, facts in FACTS.items()},
    message:
        "Writing the index of all cohorts"
    script:
        "../scripts/index.py"


# What was made of what, by whichever settings and code: a line of the rules is enough to be in it.
# Each step has its record; a step that ran again differs in its settings, or in what it made.
rule manifest:
    input:
        settled=ancient(expand(settled(), cohort=PLAN_FILES)),
        index=f"results/index{SUFFIX}.html",
        parts=[
            f"results/{name}/estimates/{analysis}.csv"
            for name in PLAN_FILES
            for analysis in analyses(name)
        ],
        handed_out=[file for name in PLAN_FILES for file in deliverables(name)],
    output:
        f"results/manifest{SUFFIX}.json",
    log:
        f"results/logs/manifest{SUFFIX}.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        code=code("manifest.py"),
        records=lambda _: {
            path: provenance.digest(job["settings"])
            for path, job in jobs_of_run().items()
        },
        exports={name: facts["exports"] for name, facts in FACTS.items()},
    message:
        "Writing down what was made of what"
    script:
        "../scripts/manifest.py"


# Last: exits with an error when an analysis failed, after the reports that say so are written.
rule verdict:
    input:
        settled=ancient(expand(settled(), cohort=PLAN_FILES)),
        estimates=expand("results/{cohort}/estimates.csv", cohort=PLAN_FILES),
        reports=expand("results/{cohort}/report.html", cohort=PLAN_FILES),
        words=expand("results/{cohort}/tables.docx", cohort=PLAN_FILES),
        manifest=f"results/manifest{SUFFIX}.json",
    output:
        f"results/verdict{SUFFIX}.txt",
    log:
        f"results/logs/verdict{SUFFIX}.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        code=code("verdict.py"),
    message:
        "Looking whether every analysis has ended well"
    script:
        "../scripts/verdict.py"
