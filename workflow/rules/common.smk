# Helpers of the rules; no rule is here.

import argparse
import gc
import os
import re
import sys
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from calcinosis import citation, estimates, folder_lock, made, origins, orphans
from calcinosis import prepared, provenance, sections
from calcinosis.errors import InputError

# Sums do not depend on the number of threads of the linear algebra library when there is one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

STARTED = time.time()
CONFIG_FILE = str(workflow.configfiles[0])
if workflow.is_main_process and folder_lock.remove_of_killed_run():
    print("The run before was killed; its lock is removed.", file=sys.stderr)
# What steps know of this process.
os.environ[orphans.ENGINE] = str(os.getpid())
if workflow.is_main_process:
    os.environ[made.COMMAND] = made.command(CONFIG_FILE, given=sys.argv[1:])
if workflow.remote_exec:  # what a step of another node wrote is seen here with delay
    # The engine knows its own settings only after it has read the rules.
    arguments = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    arguments.add_argument("--latency-wait", default="5")
    os.environ[made.PATIENCE] = arguments.parse_known_args()[0].latency_wait
REMEMBERED = provenance.Remembered(".snakemake/calcinosis/remembered.json")


def facts_of_run():
    """Read the plans, codebooks and exports, where one of them has changed."""
    from calcinosis import run  # takes as long to import as the rest of the start

    return run.facts(config, CONFIG_FILE, REMEMBERED)


RUN = REMEMBERED.of_all(f"run:{CONFIG_FILE}", config, facts_of_run)
PLAN_FILES, FACTS, SUFFIX = RUN["plan_files"], RUN["cohorts"], RUN["suffix"]
CODE = {
    script.name: provenance.code_fingerprint(script, REMEMBERED)
    for script in Path(workflow.basedir, "workflow", "scripts").glob("*.py")
}
CITATION = REMEMBERED.of(Path(workflow.basedir, citation.FILE), citation.of_software)
ORIGINS = origins.rules(Path(workflow.basedir, "workflow", "rules"))
# Which of the steps that can run begins first: the pages wait for the last estimate, and while the
# end is made one after another, figures are something to do beside it, the long ones first.
LONG_FIGURES, ESTIMATES, LONG_ESTIMATES = 1, 2, 3
# Sections of the plan that change no number.
OF_PAGES = ("about", "report", "disclosure")
BEFORE_DATASETS = ("clean", "films", "datasets")
REMEMBERED.save()
# Before its first job the engine would import pandas, only to ask whether a parameter is a data
# frame; parameters here are plain values, and a start of half a second is felt.
sys.modules.setdefault("pandas", None)
# What is loaded by now stays to the end: to search it for garbage would take a third of the start.
gc.freeze()


wildcard_constraints:
    cohort="|".join(map(re.escape, PLAN_FILES)),


def fact(path):
    """A value of the cohort's facts as a parameter: `fact("plan/incidence")`.

    The engine's own `lookup(dpath=...)` walks all facts of all cohorts for each value.
    """

    def value(wildcards):
        found = FACTS[wildcards.cohort]
        for key in path.split("/"):
            found = found[key]
        return found

    return value


def of_films(file):
    """An input that exists where the plan compares films."""
    return branch(
        fact("plan/severity"),
        then=f"results/{{cohort}}/private/severity/{file}.parquet",
    )


def code(script):
    """Fingerprint of a script and of all that it imports; comments and docstrings do not count."""
    return CODE[script]


def made_of(wildcards):
    """What the results of a cohort were made of, as the memory of runs keeps it."""
    facts = FACTS[wildcards.cohort]
    steps = {ORIGINS[name].script for name in analyses(wildcards.cohort)}
    return {
        "export": facts["asking"]["export"],
        "lines": facts["asking"]["lines"],
        "codebook": facts["codebook_meaning"],
        "plan": {
            section: of
            for section, of in facts["plan"].items()
            if section not in OF_PAGES
        }
        # The day of an export changes with it, and stands beside its hash.
        | {"export": facts["plan"]["export"] | {"date": None}},
        "code": {
            name: CODE[f"{name}.py"] for name in sorted({*steps, *BEFORE_DATASETS})
        },
    }


def settled(*_):
    """The anchor below the checkpoint: content decides also for rules that depend indirectly."""
    return "results/{cohort}/private/datasets/.done"


def analyses(name):
    """The estimates files of a cohort: those of every plan, and those of the plan's sections."""
    return [
        "flow",
        "quality",
        *(section for section in sections.FIGURES if FACTS[name]["plan"][section]),
    ]


def parts(wildcards):
    """The files of estimates of a cohort, as an input."""
    return [
        f"results/{wildcards.cohort}/estimates/{analysis}.csv"
        for analysis in analyses(wildcards.cohort)
    ]


def beside_published(wildcards):
    """The estimates files that the paper's numbers are compared with."""
    cohort = wildcards.cohort
    return [
        f"results/{cohort}/estimates/{name}.csv"
        for name in FACTS[cohort]["published_beside"]
        if name in analyses(cohort)
    ]


def figures(name):
    """The figures of a cohort."""
    of_sections = [
        figure
        for section in analyses(name)
        for figure in sections.FIGURES.get(section, ())
    ]
    return ["flow_figure", *of_sections, *FACTS[name]["extra_figures"]]


def shown(file, name, caption, category):
    """A file that the engine's own report shows."""
    return report(
        file,
        caption=f"../report/{caption}.rst",
        category=category,
        labels={"cohort": "{cohort}", "what": name},
    )


def drawn(*names):
    """What the rule that draws these figures writes; lists, where they are several."""
    files = {
        "svg": [
            shown(
                f"results/{{cohort}}/figures/{name}.svg",
                sections.NAMES[name],
                name,
                "Figures",
            )
            for name in names
        ],
        "png": [f"results/{{cohort}}/figures/{name}.png" for name in names],
        "data": [f"results/{{cohort}}/figure_data/{name}.csv" for name in names],
    }
    return {kind: of if len(names) > 1 else of[0] for kind, of in files.items()}


def batches(what):
    """The batches of resamples or imputations that the plan asks for, as an input."""

    def files(wildcards):
        return [
            f"results/{wildcards.cohort}/private/{what}/batch_{batch}.parquet"
            for batch in range(FACTS[wildcards.cohort]["batches"][what])
        ]

    return files


def templates(page):
    """Fingerprint of a page's templates; they lie in the package, wherever the run is started."""
    folder = f"{workflow.basedir}/calcinosis/present/templates"
    return provenance.digest(
        [provenance.file_hash(f"{folder}/{file}") for file in ("page.html.j2", page)]
    )


def deliverables(name):
    """What a cohort hands to people: made again when somebody deletes it."""
    home = f"results/{name}"
    drawn = [
        file
        for figure in figures(name)
        for file in (f"figures/{figure}.png", f"figure_data/{figure}.csv")
    ]
    if FACTS[name]["plan"]["severity"]:
        drawn.append("private/figures/swimmer_figure.png")
    if FACTS[name]["plan"]["validation"]:
        drawn.append("private/influential_patients.csv")
    lists = (
        *("queries", "normalisations", "excluded_patients"),
        *("corrections_applied", "query_states", "changed_patients", "changed_values"),
    )
    logs = [*(f"private/{name}.csv" for name in lists), "private/queries/no_site.xlsx"]
    return [
        f"{home}/{file}"
        for file in (
            "report.html",
            "changes.html",
            "tables.docx",
            "tables",
            *logs,
            *drawn,
        )
    ]


@cache
def jobs_of_run():
    """What the rules say of all jobs of this run but the manifest and the verdict.

    Once: the engine asks again after each checkpoint, and which jobs there are is known before.
    """
    jobs = made.jobs(workflow.dag, "manifest")
    if os.environ.get(made.ASKED):
        files = [*RUN["files"], *map(str, workflow.included)]
        for folder in ("workflow/scripts", "calcinosis/present/templates"):
            files += map(str, Path(workflow.basedir, folder).iterdir())
        made.answer({"jobs": jobs, "files": [*files, citation.FILE], "suffix": SUFFIX})
    return jobs


def prepare():
    """Import the libraries of steps once, where steps run here and exports are cleaned first."""
    here = workflow.local_exec and not workflow.deployment_settings.deployment_method
    if workflow.is_main_process and here and not workflow.touch:
        if any(job.rule.name == "clean" for job in workflow.dag.needrun_jobs()):
            prepared.begin()


def leave_at_once():
    """Cancel the engine's timers: a second long it would wait to look for jobs once more."""
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.cancel()


def closing_words():
    """Where to look, and how many queries are open."""
    from calcinosis.records import runs  # no start waits for it

    index, lines = Path(f"results/index{SUFFIX}.html"), [""]
    if index.exists():
        lines.append(f"Open {index} in a browser.")
    for name in PLAN_FILES:
        page = Path(f"results/{name}/report.html")
        table = Path(f"results/{name}/estimates/quality.csv")
        if page.exists() and table.exists():
            rows = estimates.read(table)
            queries = [
                f", {int(row.estimate)} open queries in results/{name}/private/queries.csv"
                for row in rows
                if row.term == "open_queries"
            ]
            lines.append(f"  {name}: {page}{''.join(queries)}")
            with suppress(InputError):  # a memory that somebody has damaged since
                if len({run.export for run in runs.runs(f"records/{name}")}) > 1:
                    lines.append(
                        f"    What changed since the export before: results/{name}/changes.html"
                    )
            lines += [
                f"    The export has no column for {row.level}: missing in {int(row.estimate)} rows"
                for row in rows
                if row.term == "column_not_in_export"
            ]
    return "\n".join([*lines, *replaced_since()])


def replaced_since():
    """Cohorts whose files changed while the run went on: its results are of its start."""
    try:
        now = REMEMBERED.of_all(f"run:{CONFIG_FILE}", config, facts_of_run)["cohorts"]
    except SystemExit:  # what is there now cannot even be read
        now = {}
    return [
        f"  {name}: its export, plan or codebook has changed since this run began; these results "
        "are of what was there then. Start the same command again."
        for name in PLAN_FILES
        if now.get(name) != FACTS[name]
    ]


def words_of_failure():
    """What to do after a failed run, whose verdict is not that of an earlier one."""
    with suppress(OSError):  # results that cannot be written
        Path(f"results/verdict{SUFFIX}.txt").unlink(missing_ok=True)
    plans = "\n".join(
        f"  {path} (its codebook.csv and export beside it)"
        for path in PLAN_FILES.values()
    )
    causes = []
    for log in sorted(Path("results").glob("**/logs/*.log")):
        cohort, of_run = log.parts[1], log.stat().st_mtime >= STARTED
        said = [line for line in log.read_text("utf-8").splitlines() if line != "done"]
        if of_run and said and cohort in (*PLAN_FILES, "logs"):
            of = "all cohorts" if cohort == "logs" else cohort
            causes += [f"  {of}, step {log.stem} (log: {log})"]
            causes += [f"    {line}" for line in said]
    return "\n".join(
        [
            "\nThe run did not finish. What the steps said:",
            *(causes or ["  (nothing; see the messages above)"]),
            "Mend what they name, then start the same command again; until then a report that was not "
            "made in this run is of an earlier one. The cohort files of this run:",
            plans,
        ]
    )
