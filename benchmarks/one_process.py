"""The steps of a cohort one after another in one process: the peer of the workflow's run.

`python benchmarks/one_process.py TARGET` makes `multicentre`; the tests of bad input call `analyse`
and `present` on small exports.
"""

from calcinosis.job import job

import functools
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from calcinosis import citation, cohort, origins, provenance, sections

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "workflow" / "scripts"
OF_FILMS = (
    *("intervals", "regions", "first_last_regions", "films", "grades", "definitions", "sctc"),
    "double_readings",
)
DATASETS = (
    *("flow", "records", "quality", "checks", "severity", "regions", "definitions", "sctc"),
    *("agreement", "films", "incidence", "models", "describe", "one_film", "bone_density"),
    *("disability", "lesions", "first_last_regions", "ordinal", "missing_data"),
    *("by_centre", "by_centre_questions"),
)
OF_OBSERVATIONS = ("transitions_figure", "hand_map_figure", "incidence_figure", "swimmer_figure")
"""Figures whose words depend on what the plan calls a film."""


class Files(SimpleNamespace):
    """Named files or settings, as the engine hands them to a script."""

    def get(self, name: str) -> Any:
        return getattr(self, name, None)

    def items(self) -> Any:
        return vars(self).items()

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@functools.cache
def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def step(home: Path, name: str, *arguments: Any) -> None:
    """Run a rule's script with its log, as the engine does."""
    with job(home / "private" / "logs" / f"{name}.log"):
        script(name).main(*arguments)


def clean(facts: Mapping[str, Any], home: Path) -> Files:
    """From the export to typed tables and logs."""
    private = home / "private"
    for folder in (private / "logs", private / "tables", private / "severity"):
        folder.mkdir(parents=True, exist_ok=True)
    names = {
        "patients": "tables/patients.parquet",
        "readings": "tables/readings.parquet",
        "patients_origin": "tables/patients_origin.parquet",
        "readings_origin": "tables/readings_origin.parquet",
        "quality": "quality.parquet",
        "checks": "checks.parquet",
        "queries": "queries.csv",
        "normalisations": "normalisations.csv",
        "corrections": "corrections_applied.csv",
    }
    cleaned = Files(**{name: str(private / path) for name, path in names.items()})
    export, settings = facts["plan"]["export"], facts["settings"]["cleaning"]
    corrections = facts["side_files"]["corrections"]["path"]
    book = facts["codebook"], facts["codebook_meaning"]
    step(home, "clean", facts["files"], *book, export, settings, corrections, cleaned)
    asked = Files(
        states=str(private / "query_states.csv"),
        no_site=str(private / "queries" / "no_site.xlsx"),
    )
    asking, memory = facts["asking"], str(home / "records" / "private" / "queries.csv")
    of_export = (asking["export"], asking["lines"], facts["labels"], memory)
    step(home, "queries", cleaned.queries, cleaned.corrections, *of_export, asked)
    return cleaned


def _datasets(facts: Mapping[str, Any], home: Path, cleaned: Files) -> Files:
    plan, settings, private = facts["plan"], facts["settings"], home / "private"
    source = Files(patients=cleaned.patients, quality=cleaned.quality, checks=cleaned.checks)
    if plan["severity"]:
        films = Files(**{name: str(private / "severity" / f"{name}.parquet") for name in OF_FILMS})
        how = Files(**plan["readers"], **plan["severity"], weights=settings["weights"])
        step(home, "films", cleaned.readings, how, films)
        vars(source).update(vars(films))
    folder = private / "datasets"
    folder.mkdir()
    made = Files(**{name: str(folder / f"{name}.parquet") for name in DATASETS})
    made.patients, made.done = str(private / "patients.parquet"), str(folder / ".done")
    improvement = plan["severity"] and plan["severity"]["improvement"]
    exclude = facts["side_files"]["exclude"]["path"]
    rules = (facts["scoring"], settings["criteria"], improvement, exclude, facts["needs"])
    step(home, "datasets", source, cleaned.queries, *rules, made)
    return made


def _arguments(facts: Mapping[str, Any], made: Files) -> dict[str, tuple[Any, ...]]:
    """What the steps of the plan's sections take: their datasets and settings."""
    plan, settings = facts["plan"], facts["settings"]
    comparison = plan["severity"] and plan["severity"]["comparison"]
    of_severity = Files(
        intervals=made.severity,
        regions=made.regions,
        first_last_regions=made.first_last_regions,
        definitions=made.definitions,
    )
    of_errors = Files(intervals=made.severity, incidence=made.incidence, models=made.models)
    arguments: dict[str, tuple[Any, ...]] = {
        "describe": (made.describe, made.one_film, settings["describe"]),
        "severity": (of_severity, comparison),
        "sctc": (made.sctc, comparison),
        "agreement": (
            made.agreement,
            made.severity,
            plan["agreement"] and settings["agreement"]["published_kappas"],
        ),
        "misclassification": (of_errors, settings["misclassification"]),
        "incidence": (made.incidence, settings["incidence"]),
        "models": (made.models, settings["models"], settings["centres_of_models"]),
        "ordinal": (made.ordinal, settings["ordinal"]),
        "centres": (made.models, settings["models"], settings["centres"]),
        "bone_density": (made.bone_density, settings["bone_density"]),
        "disability": (made.disability, settings["disability"]),
        "lesions": (made.lesions, made.models, settings["lesions"]),
        "by_centre": (made.by_centre, made.by_centre_questions, settings["by_centre"]),
    }
    return {name: given for name, given in arguments.items() if plan[name]}


def _risks(facts: Mapping[str, Any], home: Path, made: Files) -> tuple[Any, ...]:
    """The resamples of the section `risks`, and what its step takes."""
    settings, centres = facts["settings"], facts["settings"]["fixed_effect"]
    drawn = []
    for batch in range(facts["batches"]["risks"]):
        drawn.append(str(home / "private" / "risks" / f"batch_{batch}.parquet"))
        of = (settings["models"], centres, settings["risks_bootstrap"], batch)
        step(home, "risks_bootstrap", made.models, *of, drawn[-1])
    return made.models, drawn, settings["models"], centres


def _imputed(facts: Mapping[str, Any], home: Path, made: Files) -> tuple[Any, ...]:
    """Impute in batches; what the step that pools them takes."""
    settings = facts["settings"]
    batches = []
    for batch in range(facts["batches"]["imputations"]):
        batches.append(str(home / "private" / "imputations" / f"batch_{batch}.parquet"))
        step(home, "impute", made.missing_data, settings["imputation"], batch, batches[-1])
    return (made.missing_data, batches, settings["models"], settings["missing_data"])


def _validation(
    facts: Mapping[str, Any], home: Path, made: Files, estimate: Callable[..., None]
) -> str:
    """Resamples in batches, then the estimates file, whose path is returned."""
    settings, folder = facts["settings"], home / "private" / "validation"
    folder.mkdir()
    model = (settings["models"], settings["fixed_effect"])
    number = facts["batches"]["validation"]
    batches = [str(folder / f"batch_{batch}.parquet") for batch in range(number)]
    for batch, path in enumerate(batches):
        given = (*model, settings["validation_bootstrap"], batch, path)
        estimate(home, "validation_bootstrap", made.models, *given)
    table = str(home / "estimates" / "validation.csv")
    influential = str(home / "private" / "influential_patients.csv")
    groups = facts["plan"]["validation"]["groups"]
    output = Files(estimates=table, influential=influential)
    estimate(home, "validation", made.models, batches, *model, groups, output)
    return table


def analyse(
    facts: Mapping[str, Any], home: Path, estimate: Callable[..., None] = step
) -> dict[str, str]:
    """From the export to the table of estimates; returns the estimates files by their name.

    `estimate` runs the steps from a dataset to its estimates.
    """
    made, plan = _datasets(facts, home, clean(facts, home)), facts["plan"]
    (home / "estimates").mkdir()
    arguments = {"quality": (made.quality, made.checks), **_arguments(facts, made)}
    if plan["risks"]:
        arguments["risks"] = _risks(facts, home, made)
    if plan["missing_data"]:
        arguments["missing_data"] = _imputed(facts, home, made)
    tables = {name: str(home / "estimates" / f"{name}.csv") for name in ("flow", *arguments)}
    excluded = str(home / "private" / "excluded_patients.csv")
    step(home, "flow", made.flow, made.records, tables["flow"], excluded)
    for name, given in arguments.items():
        estimate(home, name, *given, tables[name])
    if facts["plan"]["multiplicity"]:
        families = facts["plan"]["multiplicity"]["families"]
        tables["multiplicity"] = str(home / "estimates" / "multiplicity.csv")
        estimate(home, "multiplicity", tables["models"], families, tables["multiplicity"])
    if facts["plan"]["validation"]:
        tables["validation"] = _validation(facts, home, made, estimate)
    if facts["plan"]["published"]:
        beside = [tables[name] for name in facts["published_beside"] if name in tables]
        tables["published"] = str(home / "estimates" / "published.csv")
        estimate(home, "published", beside, facts["settings"]["published"], tables["published"])
    parts = list(tables.values())
    tables["estimates"] = str(home / "estimates.csv")
    step(home, "estimates", parts, tables["estimates"])
    return tables


def _draw(facts: Mapping[str, Any], home: Path, folder: Path, name: str, source: str) -> list[str]:
    """Draw the figures of a step below `folder`; returns the paths of their SVG files."""
    for each in ("figures", "figure_data"):
        (folder / each).mkdir(exist_ok=True)
    names = {figures[0]: figures for figures in sections.FIGURES.values() if figures}.get(name, ())
    paths = {
        "svg": [str(folder / "figures" / f"{each}.svg") for each in names or (name,)],
        "png": [str(folder / "figures" / f"{each}.png") for each in names or (name,)],
        "data": [str(folder / "figure_data" / f"{each}.csv") for each in names or (name,)],
    }
    output = Files(**{kind: of if len(names) > 1 else of[0] for kind, of in paths.items()})
    words = [facts["plan"]["report"]["observation"]] if name in OF_OBSERVATIONS else []
    words.append(facts["plan"]["report"]["numbers"])
    step(home, name, source, facts["labels"], *words, output)
    return paths["svg"]


def present(facts: Mapping[str, Any], home: Path, tables: Mapping[str, str]) -> None:
    """The figures, the report and the Word file of what was analysed."""
    own = {"flow_figure": "flow"}
    own |= {of[0]: section for section, of in sections.FIGURES.items() if of and section in tables}
    own |= {figure: sections.EXTRA[figure] for figure in facts["extra_figures"]}
    drawn = [svg for name, of in own.items() for svg in _draw(facts, home, home, name, tables[of])]
    if facts["plan"]["severity"]:
        films = str(home / "private" / "datasets" / "films.parquet")
        _draw(facts, home, home / "private", "swimmer_figure", films)
    said, rules = (facts["plan"], facts["labels"]), origins.rules()
    parts = [path for name, path in tables.items() if name != "estimates"]
    of = {Path(part).stem: rules[Path(part).stem].datasets for part in parts}
    names = dict.fromkeys(name for names in of.values() for name in names)
    datasets = [str(home / "private" / "datasets" / f"{name}.parquet") for name in names]
    step(home, "report", home.name, parts, datasets, of, drawn, *said, str(home / "report.html"))
    pictures = [str(Path(path).with_suffix(".png")) for path in drawn]
    output = Files(document=str(home / "tables.docx"), tables=str(home / "tables"))
    cited = citation.of_software(ROOT / citation.FILE)
    written = (*said, cited, facts["word_template"])
    step(home, "word", tables["estimates"], pictures, *written, output)
    _compare(facts, home, tables["estimates"])


def _compare(facts: Mapping[str, Any], home: Path, table: str) -> None:
    """Remember what was found, and write the page of changes."""
    private = home / "private"
    source = Files(
        estimates=table,
        patients=str(private / "tables" / "patients.parquet"),
        readings=str(private / "tables" / "readings.parquet"),
        scored=str(private / "patients.parquet"),
        flow=str(private / "datasets" / "flow.parquet"),
        queries=str(private / "queries.csv"),
        corrections=str(private / "corrections_applied.csv"),
    )
    if facts["plan"]["severity"]:
        source.films = str(private / "severity" / "films.parquet")
        source.intervals = str(private / "severity" / "intervals.parquet")
    asking, plan = facts["asking"], facts["plan"]
    made = {"export": asking["export"], "lines": asking["lines"], "plan": plan}
    made |= {"codebook": facts["codebook_meaning"], "code": {}}
    output = Files(
        page=str(home / "changes.html"),
        table=str(home / "changes.csv"),
        patients=str(private / "changed_patients.csv"),
        values=str(private / "changed_values.csv"),
    )
    words = (plan["about"], plan["report"]["numbers"], facts["labels"])
    step(home, "changes", home.name, source, made, words, home / "records", output)


def main(target: Path) -> None:
    facts = cohort.facts("cohorts/multicentre/cohort.yaml", provenance.Remembered())
    home = target / "multicentre"
    present(facts, home, analyse(facts, home))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
