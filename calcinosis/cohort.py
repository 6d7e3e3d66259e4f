"""What the engine must know about a cohort before any job: its plan, files, hashes and labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from calcinosis import (
    agreement,
    plan,
    provenance,
    scoring,
    settings,
    side_files,
    strict_yaml,
    word_template,
)
from calcinosis.errors import InputError
from calcinosis.ingest import codebook
from calcinosis.ingest.redcap.completion import fingerprint, read_codebook
from calcinosis.plan.section import IMPUTATIONS, RESAMPLES

CORRECTIONS, EXCLUDE = "corrections.csv", "exclude.csv"
"""What the study team may write beside the plan."""


def facts(plan_file: str, remembered: provenance.Remembered) -> dict[str, Any]:
    """Read a plan and its codebook, find the export, and return plain values for the rules.

    Parameters
    ----------
    plan_file : path of a `cohort.yaml`
    remembered : the hashes of exports that have not changed

    Returns
    -------
    dictionary with `plan` (its sections, and the content of `published`), `files` (table to its
    files: path, sheet, encoding, delimiter), `exports` (path to SHA-256), `side_files`
    (corrections, exclude, published: path and SHA-256), `word_template` (path and SHA-256, or
    None), `asking` (the export and the codebook's
    lines, by which questions are remembered), `codebook` (path), `dictionaries` (paths),
    `codebook_meaning` (fingerprint without labels), `scoring` (which variables are derived),
    `needs` (what the datasets must hold), `batches` (how many jobs of resamples and imputations),
    `extra_figures` (those that not every cohort with their section has), `settings` (what steps use
    of their sections), `published_beside` (estimates files that a paper's numbers are compared
    with), `labels`

    Raises
    ------
    InputError
        The plan or codebook is wrong, the two do not agree, or a file of the export is not there.
    """
    the_plan = plan.read_plan(plan_file)
    home = Path(plan_file).parent
    codebook_file = home / "codebook.csv"
    variables, project = read_codebook(codebook_file, the_plan.export.model_dump(mode="json"))
    files = export_files(the_plan, home)
    wrong = problems(the_plan, variables, plan_file)
    if wrong:
        raise InputError("\n".join(wrong))
    side_files.corrections(home / CORRECTIONS)
    side_files.exclusions(home / EXCLUDE)
    paper = published(the_plan, home)
    names = {v.name for v in variables if v.table == "patients"}
    exports = {
        file["path"]: remembered.of(file["path"], provenance.file_hash)
        for entries in files.values()
        for file in entries
    }
    return {
        "plan": the_plan.model_dump(mode="json") | {"published": paper["plan"]},
        "files": files,
        "exports": exports,
        "side_files": {
            name: {"path": str(path), "hash": provenance.file_hash(path) if path.exists() else ""}
            for name, path in (
                ("corrections", home / CORRECTIONS),
                ("exclude", home / EXCLUDE),
            )
        }
        | paper["file"],
        "word_template": _template(the_plan, home),
        "asking": {
            "export": {
                "hash": provenance.digest(
                    sorted((Path(path).name, content) for path, content in exports.items())
                ),
                "date": str(the_plan.export.date or ""),
            },
            "lines": _lines(variables) | _rules(the_plan),
        },
        "codebook": str(codebook_file),
        "dictionaries": project.paths(home) if project else [],
        "codebook_meaning": fingerprint(variables, project),
        "extra_figures": _extra_figures(the_plan, variables),
        "scoring": scoring.scoring(the_plan, names),
        "batches": _batches(the_plan),
        "needs": settings.of_datasets(the_plan, names),
        "settings": settings.of_steps(the_plan, variables) | {"published": paper["settings"]},
        "published_beside": paper["beside"],
        "labels": scoring.LABELS
        | dict(sorted(codebook.labels(variables).items()))
        | {
            "fewer_than_two_films": f"fewer than two {the_plan.report.observations}",
            "progression_2_levels": "progression by two levels or more",
            "by_study_team": "excluded by the study team",
            "t_score": "T-score",
            "who_class": "WHO class",
            "z_class": "Z-score",
            "acr_eular_2013": "2013 ACR/EULAR criteria",
            "location_class": "Location of lesions",
            "fingers_only": "fingers or thumbs only",
            "fingers_and_beyond": "fingers or thumbs and elsewhere",
            "beyond_only": "elsewhere only",
            "lesion_count": "Number of lesions",
            "lesion_count_class": "Number of lesions",
            "one_lesion": "one lesion",
            "two_or_three_lesions": "two or three lesions",
            "four_or_more_lesions": "four lesions or more",
            "meets": "met",
            "does_not_meet": "not met",
            "baseline_grade": "Grade at the start",
            "last_grade": "Grade at the end",
            "fingers": "fingers and thumbs together",
            "sctc_score": "SCTC score",
            "regions_affected": "Regions affected",
            "new_onset": "new (first score zero)",
        }
        | dict(the_plan.report.labels),
    }


def published(the_plan: plan.Plan, home: Path) -> dict[str, Any]:
    """What a paper prints, where the plan names a file of it.

    Returns
    -------
    `plan` (the content, for the pages), `settings` (what the estimates use of it), `beside` (the
    estimates files that it is compared with), `file` (path and SHA-256)

    Raises
    ------
    InputError
        The file is not there or wrong.
    """
    if the_plan.published is None:
        return {"plan": None, "settings": None, "beside": [], "file": {}}
    from calcinosis.plan import published as papers  # most cohorts are of no paper

    path = home / the_plan.published
    if not path.is_file():
        raise InputError(
            f"{home / 'cohort.yaml'}: published: there is no file {path}; it is taken from the "
            "plan's own folder"
        )
    content = papers.read_published(path)
    return {
        "plan": content,
        "settings": papers.settings(content, simulated=the_plan.about.simulated),
        "beside": papers.files_compared(content),
        "file": {"published": {"path": str(path), "hash": provenance.file_hash(path)}},
    }


def export_files(the_plan: plan.Plan, home: Path) -> dict[str, list[dict[str, Any]]]:
    """The files of each table, from the plan's own folder: path, sheet, encoding, delimiter."""
    folder = home / the_plan.export.path
    return {
        table: [
            {
                "path": str(folder / entry.file),
                "sheet": entry.sheet,
                "encoding": entry.encoding or the_plan.export.encoding,
                "delimiter": entry.delimiter or the_plan.export.delimiter,
            }
            for entry in entries
        ]
        for table, entries in the_plan.export.tables.items()
    }


def problems(
    the_plan: plan.Plan, variables: Sequence[codebook.Variable], plan_file: str | Path
) -> list[str]:
    """What is wrong between a plan, its codebook and its folder, without reading the export.

    Parameters
    ----------
    the_plan : as read
    variables : the codebook
    plan_file : path of the plan

    Returns
    -------
    one message per problem, with file, line and key; empty where all is well
    """
    _, lines = strict_yaml.load(plan_file)

    def place(at: strict_yaml.Location) -> str:
        while at and at not in lines:
            at = at[:-1]
        return f"{plan_file}:{lines.get(at, 1)}"

    found = agreement.problems(the_plan, variables, place)
    dates = [v.name for v in variables if v.type == "date"]
    if dates and the_plan.export.date is None:
        found.append(
            f"{plan_file}: export.date is missing; the codebook has dates "
            f"({', '.join(dates)}), and none may lie after the day of the export. Write it as "
            "date: 2020-12-31."
        )
    template = the_plan.report.word_template
    if template is not None:
        wrong = word_template.problem(Path(plan_file).parent / template)
        at = place(("report", "word_template"))
        found += [f"{at}: report.word_template: {wrong}"] if wrong else []
    folder = Path(plan_file).parent / the_plan.export.path
    if not folder.is_dir():
        return [
            *found,
            f"{place(('export', 'path'))}: export.path: there is no folder {folder}; it is taken "
            "from the plan's own folder",
        ]
    for table, entries in export_files(the_plan, Path(plan_file).parent).items():
        line = lines["export", "tables", table]
        paths = dict.fromkeys(entry["path"] for entry in entries)  # one for all its sheets
        found += [
            f"The export is not there: {path}\nPut the file there, or change line {line} of "
            f"{plan_file} (export.tables.{table})."
            for path in paths
            if not Path(path).is_file()
        ]
    return found


def _template(the_plan: plan.Plan, home: Path) -> dict[str, str] | None:
    if the_plan.report.word_template is None:
        return None
    path = home / the_plan.report.word_template
    return {"path": str(path), "hash": provenance.file_hash(path)}


def _lines(variables: Sequence[codebook.Variable]) -> dict[str, str]:
    """Fingerprint of what the codebook says of the values of each variable, by `table/variable`."""
    said: dict[str, list[object]] = {}
    for meaning in codebook.meaning(list(variables)):
        of_values = {k: v for k, v in meaning.items() if k not in ("sources", "required")}
        said.setdefault(f"{meaning['table']}/{meaning['name']}", []).append(of_values)
    return {name: provenance.digest(meanings) for name, meanings in sorted(said.items())}


def _rules(the_plan: plan.Plan) -> dict[str, str]:
    """Fingerprint of each rule of the plan, by `rule/id`."""
    return {
        f"rule/{rule.id}": provenance.digest(rule.model_dump(exclude={"source"}))
        for rule in the_plan.cleaning.rules
    }


def _batches(the_plan: plan.Plan) -> dict[str, int]:
    """Jobs of resamples and of imputations: what a cluster can scatter."""
    risks, validation, missing = the_plan.risks, the_plan.validation, the_plan.missing_data
    return {
        "risks": risks.bootstraps // RESAMPLES if risks else 0,
        "validation": validation.bootstraps // RESAMPLES if validation else 0,
        "imputations": missing.imputations // IMPUTATIONS if missing else 0,
    }


def _extra_figures(the_plan: plan.Plan, variables: list[codebook.Variable]) -> list[str]:
    """A hand map where films are read by region or side; curves; what lesions have beside one."""
    by_region = any(v.table == "readings" and v.name in ("side", "region") for v in variables)
    covariates = the_plan.models.covariates.values() if the_plan.models else ()
    found = {
        "hand_map_figure": the_plan.severity is not None and by_region,
        "curves_figure": any(covariate.spline for covariate in covariates),
    }
    return [figure for figure, is_drawn in found.items() if is_drawn]
