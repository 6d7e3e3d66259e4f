"""What is generated from the plan's classes: the JSON schema of editors and the reference page."""

import datetime
import json
from collections.abc import Collection
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from calcinosis import plan
from calcinosis.plan import (
    analyses,
    bone_density,
    disability,
    export,
    published,
    published_kinds,
    scores,
)
from calcinosis.plan.section import NAME


def schema_json(model: type[BaseModel]) -> str:
    """The JSON schema of a model, as the text of its file."""
    return _text(model.model_json_schema())


def published_schema() -> str:
    """The JSON schema of `published.yaml`, whose numbers are of several kinds."""
    schema = published.Published.model_json_schema()
    kinds = list(published_kinds.KINDS.values())
    _, parts = models_json_schema([(kind, "validation") for kind in kinds])
    of_kinds = {"oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds]}
    schema["properties"]["numbers"]["patternProperties"] = {NAME: of_kinds}
    return _text(schema | {"$defs": parts["$defs"]})


def _text(schema: dict[str, Any]) -> str:
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


_DERIVED = """\
Variables that the plan adds to those of the codebook, for use in later sections:

| variable | from | values |
|---|---|---|
| the names of `definitions` | `definitions` | no, yes |
| `<name>_count` of each of them | `definitions` | number of components that are present |
| `<name>_worst` of graded ones | `definitions` | the highest grade |
| the names of `totals` | `totals` | numbers |
| `acr_eular_2013` | `eligibility.classification` | does_not_meet, meets |
| `acr_eular_lower`, `acr_eular_upper` | `eligibility.classification` | points |
| `location_class` | `lesions` | none, fingers_only, fingers_and_beyond, beyond_only |
| `lesion_count` | `lesions` | number of lesions |
| `lesion_count_class` | `lesions` | none, one_lesion, two_or_three_lesions, four_or_more_lesions |
| `t_score`, the names of `densities` | `bone_density` | numbers |
| `who_group`, `who_class` | `bone_density.who` | who is classed; normal, osteopenia, osteoporosis |
| `haq_di`, `cochin` | `disability.scores` | numbers |
| `haq_di_without_aids`, or `haq_di_with_aids` where `aids: false` | `disability` | number |
| the names of `visual_scales` | `disability` | 0 to 3 |
| `<name>_lower`, `<name>_upper` of all these scores | as the score | what missing items allow |
| `<variable>_imputed` of each date of patients | `cleaning.partial_dates: impute` | no, yes |
| `progression`, `progression_2_levels` | `severity` (not in criteria) | no, yes |
| `baseline_grade`, `last_grade` | `severity` (not in criteria) | the grades |
"""


_PARTS: tuple[tuple[type[BaseModel], str], ...] = (
    (export.ExportFile, "tables"),
    (export.Rule, "rules"),
    (analyses.Criterion, "criteria"),
    (analyses.Covariate, "covariates"),
    (bone_density.Density, "densities"),
    (bone_density.Reference, "densities.references"),
    (bone_density.WhoClasses, "who"),
    (bone_density.Weighting, "weighting"),
    (disability.VisualScale, "visual_scales"),
    (disability.MinimalImportantDifference, "minimal_important_differences"),
    (export.Redcap, "redcap"),
    (export.Films, "redcap.films"),
    (export.Place, "redcap.films.grades"),
)
"""Mappings within sections, by their keys."""
_ENTRIES: dict[str, type[BaseModel]] = {"definitions": scores.Composite, "totals": scores.Total}
"""Sections that are mappings: what an entry is."""


def reference_page() -> str:
    """`docs/plan.md`: every key of the plan, from the same source as the schema."""
    parts = [
        "# The plan: `cohorts/<name>/cohort.yaml`\n",
        "Generated from `calcinosis/plan/` by `make schemas`; edit it there.\n",
        "A section that is absent is an analysis that is not run; the report says so. "
        "Unknown keys, duplicate keys and wrong types stop the run before any job, and so does a "
        "variable or level that the codebook does not have.\n",
        _DERIVED,
    ]
    for name, field in plan.Plan.model_fields.items():
        models = [
            candidate
            for candidate in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if isinstance(candidate, type) and issubclass(candidate, BaseModel)
        ]
        if not models and name not in _ENTRIES:
            parts.append(f"## `{name}` (optional)\n\nText: {field.description}.\n")
            parts += _of_published()
            continue
        if not models:
            entry = _ENTRIES[name]
            said = f"Mapping: {field.description}.\n\n{entry.__doc__}\n\n{_key_table(entry)}"
            parts.append(f"## `{name}` (optional)\n\n{said}")
            continue
        (model,) = models
        optional = "" if field.is_required() else " (optional)"
        parts.append(f"## `{name}`{optional}\n\n{model.__doc__}\n\n{_key_table(model)}")
        for part, title in _PARTS:
            if title.partition(".")[0] in model.model_fields:
                parts.append(f"### `{name}.{title}`\n\n{part.__doc__}\n\n{_key_table(part)}")
    return "\n".join(parts)


def _of_published() -> list[str]:
    """The keys of `published.yaml`: of the file, of every number, and of each kind."""
    of_file = f"The file:\n\n{_key_table(published.Published)}"
    of_all = f"Every number:\n\n{_key_table(published_kinds.Entry)}"
    parts = [f"### `published.yaml`\n\n{of_file}\n{of_all}"]
    for kind, model in published_kinds.KINDS.items():
        own = _key_table(model, without=set(published_kinds.Entry.model_fields))
        parts.append(f"#### `kind: {kind}`\n\n{model.__doc__}\n\n{own}")
    return parts


def _key_table(model: type[BaseModel], without: Collection[str] = ()) -> str:
    rows = ["| key | values | default | meaning |", "|---|---|---|---|"]
    for key, field in model.model_fields.items():
        if key in without:
            continue
        default = (
            "required" if field.is_required() else f"`{json.dumps(field.default, default=str)}`"
        )
        rows.append(f"| `{key}` | {_values(field.annotation)} | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


_CELLS = {"\t": "\\t", "|": "\\|"}
"""How values are written that a cell of the page's tables could not hold."""


def _values(annotation: Any) -> str:
    arguments = [a for a in getattr(annotation, "__args__", ()) if a is not type(None)]
    if getattr(annotation, "__origin__", None) is Literal:
        return ", ".join(f"`{_CELLS.get(a, a)}`" for a in arguments)
    if getattr(annotation, "__origin__", None) is dict:
        return "mapping"
    if getattr(annotation, "__origin__", None) is list:
        return "list"
    if getattr(annotation, "__metadata__", None):
        return _values(annotation.__origin__)
    if arguments:
        return _values(arguments[0])
    words = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return words.get(annotation, "date" if annotation is datetime.date else "mapping")
