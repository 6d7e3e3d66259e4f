# Helpers of the rules; no rule is here.

import os
import re
import time
from pathlib import Path

from calcinosis import cohort, estimates, plan, provenance
from calcinosis.errors import InputError

# Sums do not depend on the number of threads of the linear algebra library when there is one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

STARTED = time.time()
CONFIG_FILE = str(workflow.configfiles[0])
RUN = plan.read_run(config, CONFIG_FILE)
if not RUN.cohorts:
    raise InputError(
        f"{CONFIG_FILE} lists no cohort. Put the export in a folder such as cohorts/NAME/, with its "
        "cohort.yaml and codebook.csv beside it, and add the line\n"
        "  - cohorts/NAME/cohort.yaml\nbelow `cohorts:`."
    )
# Sorted by name, so that the order of the list in the configuration makes nothing again.
PLAN_FILES = {plan.cohort_name(path): path for path in sorted(RUN.cohorts)}
REMEMBERED = provenance.Remembered(".snakemake/calcinosis/remembered.json")
FACTS = {name: cohort.facts(path, REMEMBERED) for name, path in PLAN_FILES.items()}
CODE = {
    script.name: provenance.code_fingerprint(script, REMEMBERED)
    for script in Path(workflow.basedir, "workflow", "scripts").glob("*.py")
}
REMEMBERED.save()
# Sections of the plan that have estimates of their own name, and their figures.
SECTIONS = {
    "describe": None,
    "severity": "transitions_figure",
    "sctc": None,
    "agreement": None,
    "misclassification": None,
    "incidence": "incidence_figure",
    "models": "forest_figure",
    "bone_density": "bone_density_figure",
    "disability": "disability_figure",
    "lesions": "lesions_figure",
}


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


def settled(*_):
    """The anchor below the checkpoint: content decides also for rules that depend indirectly."""
    return "results/{cohort}/private/datasets/.done"


def analyses(name):
    """The estimates files of a cohort: those of every plan, and those of the plan's sections."""
    return [
        "flow",
        "quality",
        *(section for section in SECTIONS if FACTS[name]["plan"][section]),
    ]


def figures(name):
    """The figures of a cohort."""
    return ["flow_figure", *filter(None, map(SECTIONS.get, analyses(name)))]


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
    logs = [
        f"private/{name}.csv"
        for name in ("queries", "normalisations", "excluded_patients")
    ]
    return [f"{home}/{file}" for file in ("report.html", "tables.docx", *logs, *drawn)]


def closing_words():
    """Where to look, and how many queries are open."""
    index, lines = Path(f"results/index{RUN.suffix}.html"), [""]
    if index.exists():
        lines.append(f"Open {index} in a browser.")
    for name in PLAN_FILES:
        page = Path(f"results/{name}/report.html")
        table = Path(f"results/{name}/estimates.csv")
        if page.exists() and table.exists():
            queries = [
                f", {int(row.estimate)} open queries in results/{name}/private/queries.csv"
                for row in estimates.read(table)
                if row.term == "open_queries"
            ]
            lines.append(f"  {name}: {page}{''.join(queries)}")
    return "\n".join(lines)


def words_of_failure():
    """What to do after a failed run, whose verdict is not that of an earlier one."""
    Path(f"results/verdict{RUN.suffix}.txt").unlink(missing_ok=True)
    plans = "\n".join(
        f"  {path} (its codebook.csv and export beside it)"
        for path in PLAN_FILES.values()
    )
    causes = [
        f"  {log}: {said}"
        for log in sorted(Path("results").glob("**/logs/*.log"))
        if log.parts[1] in (*PLAN_FILES, "logs") and log.stat().st_mtime >= STARTED
        for said in log.read_text("utf-8").splitlines()
        if said != "done"
    ]
    return "\n".join(
        [
            "\nThe run did not finish. What the steps said:",
            *(causes or ["  (nothing; see the messages above)"]),
            "Mend what they name, then start the same command again; until then a report that was not "
            "made in this run is of an earlier one. The cohort files of this run:",
            plans,
        ]
    )
