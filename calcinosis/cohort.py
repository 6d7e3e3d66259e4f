"""What the engine must know about a cohort before any job: its plan, files, hashes and labels."""

from pathlib import Path
from typing import Any

from calcinosis import plan, provenance, strict_yaml
from calcinosis.errors import InputError
from calcinosis.ingest import codebook


def facts(plan_file: str, hash_cache: str) -> dict[str, Any]:
    """Read a plan and its codebook, find the export, and return plain values for the rules.

    Parameters
    ----------
    plan_file : path of a `cohort.yaml`
    hash_cache : JSON file that remembers hashes of exports

    Returns
    -------
    dictionary with `plan` (its sections), `files` (table to paths), `exports` (file name to
    SHA-256), `codebook` (path), `codebook_meaning` (fingerprint without labels), `needs` (what the
    datasets must hold), `labels`

    Raises
    ------
    InputError
        The plan or codebook is wrong, or a file of the export is not there.
    """
    the_plan = plan.read_plan(plan_file)
    home = Path(plan_file).parent
    codebook_file = home / "codebook.csv"
    variables = codebook.read(codebook_file)
    dates = [v.name for v in variables if v.type == "date"]
    if dates and the_plan.export.date is None:
        raise InputError(
            f"{plan_file}: export.date is missing; the codebook has dates "
            f"({', '.join(dates)}), and none may lie after the day of the export. Write it as "
            "date: 2020-12-31."
        )
    folder = home / the_plan.export.path
    files = {
        table: [str(folder / name) for name in names]
        for table, names in the_plan.export.tables.items()
    }
    absent = {
        path: table for table, paths in files.items() for path in paths if not Path(path).is_file()
    }
    if absent:
        _, lines = strict_yaml.load(plan_file)
        raise InputError(
            "\n".join(
                f"The export is not there: {path}\nPut the file there, or change line "
                f"{lines['export', 'tables', table]} of {plan_file} (export.tables.{table})."
                for path, table in absent.items()
            )
        )
    return {
        "plan": the_plan.model_dump(mode="json"),
        "files": files,
        "exports": {
            path: provenance.export_hash(path, hash_cache)
            for paths in files.values()
            for path in paths
        },
        "codebook": str(codebook_file),
        "codebook_meaning": provenance.digest(codebook.meaning(variables)),
        "needs": _dataset_needs(the_plan),
        "labels": codebook.labels(variables)
        | {"fewer_than_two_films": f"fewer than two {the_plan.report.observations}"}
        | dict(the_plan.report.labels),
    }


def _dataset_needs(the_plan: plan.Plan) -> dict[str, Any]:
    """The part of the plan that decides the columns and rows of the datasets."""
    if the_plan.models is None or the_plan.severity is None:
        return {}
    return {
        "outcome": the_plan.models.outcome,
        "covariates": sorted(
            {settings.variable or name for name, settings in the_plan.models.covariates.items()}
        ),
        "at_risk_only": the_plan.severity.worst_grade_at_baseline == "not_at_risk",
    }
