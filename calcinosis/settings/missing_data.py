"""What the plan's section `missing_data` means for the datasets and steps of a cohort."""

from collections.abc import Sequence
from typing import Any

from calcinosis import plan
from calcinosis.ingest.codebook import Variable
from calcinosis.plan.films import OF_FILMS
from calcinosis.plan.section import IMPUTATIONS

BASELINE_GRADE = "baseline_grade"


def variables_of(the_plan: plan.Plan) -> list[str]:
    """The variables of the multivariable model in its order, then those that help to impute."""
    models, section = the_plan.models, the_plan.missing_data
    assert models is not None and section is not None
    used = [(name, models.covariates[name]) for name in models.multivariable]
    names = [covariate.variable or name for name, covariate in used if not covariate.interaction]
    return [name for name in dict.fromkeys([*names, *section.auxiliary]) if name != models.outcome]


def needs(the_plan: plan.Plan) -> dict[str, Any]:
    """What the dataset must hold.

    The grade at the start helps to impute also where the model has it not: progression is what
    became of it.
    """
    models, severity, centre = the_plan.models, the_plan.severity, _centre(the_plan)
    assert models is not None
    of_films = models.outcome in OF_FILMS
    return {
        "outcome": models.outcome,
        "columns": sorted(
            {
                *variables_of(the_plan),
                *([centre] if centre else []),
                *([BASELINE_GRADE] if of_films else []),
            }
        ),
        "at_risk_only": severity is not None and severity.worst_grade_at_baseline == "not_at_risk",
        "of_films": of_films,
    }


def settings(the_plan: plan.Plan, variables: Sequence[Variable]) -> dict[str, Any]:
    """What the steps use: `imputation` each batch, `missing_data` what pools them."""
    section, models = the_plan.missing_data, the_plan.models
    if section is None or models is None:
        return {"imputation": None, "missing_data": None}
    grades = {BASELINE_GRADE, *(v.name for v in variables if v.type == "ordinal")}
    names = needs(the_plan)["columns"]
    return {
        "imputation": {
            **section.model_dump(include={"iterations", "donors", "seed"}),
            "size": IMPUTATIONS,
            "outcome": models.outcome,
            "centre": _centre(the_plan),
            "ordered": [name for name in names if name in grades],
        },
        "missing_data": {
            "variables": variables_of(the_plan),
            "pooling": section.pooling,
            "centre": _centre(the_plan),
        },
    }


def _centre(the_plan: plan.Plan) -> str | None:
    """The variable of the centre, where the multivariable model has a parameter for each."""
    centres = the_plan.centres
    return centres.variable if centres and centres.fixed_effect else None
