"""What the disability section needs of the plan: its settings and the columns of its dataset."""

from collections.abc import Collection, Sequence
from typing import Any

from calcinosis import plan, scoring
from calcinosis.derive.instruments import QUESTIONNAIRES, VISUAL_SCALE_MAXIMUM
from calcinosis.ingest.codebook import Variable


def settings(the_plan: plan.Plan, variables: Sequence[Variable]) -> dict[str, Any] | None:
    """What the step uses of its section, of the models' covariates and of the lesions."""
    section = the_plan.disability
    if section is None:
        return None
    names = {v.name for v in variables if v.table == "patients"}
    scores, found = scoring.compared(the_plan, names), ranges(the_plan, variables, names)
    important = {name: of.value for name, of in section.minimal_important_differences.items()}
    indices = scoring.haq_indices(the_plan, names)
    if "haq_di" in important:
        important |= dict.fromkeys(indices, important["haq_di"])
    return {
        "scores": scores,
        "by": section.by,
        "ranges": {name: found[name] for name in scores if name in found},
        "important": important,
        "one_instrument": list(indices),
        "lesions": the_plan.lesions is not None,
        "covariates": _covariates(the_plan),
    }


def needs(the_plan: plan.Plan, names: Collection[str]) -> dict[str, Any] | None:
    """The columns of the dataset, and the bounds of its scores."""
    section = the_plan.disability
    if section is None:
        return None
    scores = scoring.compared(the_plan, names)
    lesions = ["lesion_count", "lesion_count_class"] if the_plan.lesions else []
    used = [
        of["variable"] or name
        for name, of in _covariates(the_plan).items()
        if not of["interaction"]
    ]
    return {
        "columns": [*section.by, *scores, *used, *lesions],
        "bounds": scoring.bounds(the_plan, names, [*scores, *lesions]),
    }


def ranges(
    the_plan: plan.Plan, variables: Sequence[Variable], names: Collection[str]
) -> dict[str, list[float]]:
    """The least and the greatest possible value of scores.

    Those of instruments and totals follow from their items; those of other numbers are min and max
    of the codebook, where it has both.
    """
    found = {
        v.name: [v.low, v.high]
        for v in variables
        if v.table == "patients" and v.low is not None and v.high is not None
    }
    for name, definition in the_plan.definitions.items():
        found[f"{name}_count"] = [0.0, float(len(definition.any_of))]
        if definition.highest is not None:
            found[f"{name}_worst"] = [0.0, definition.highest]
    for name, total in the_plan.totals.items():
        parts = total.parts()
        found[name] = [0.0, float(len(parts["items"]) * parts["highest"])]
    haq, cochin = QUESTIONNAIRES["haq_di"], QUESTIONNAIRES["cochin"]
    found |= {name: [0.0, float(haq.highest)] for name in scoring.haq_indices(the_plan, names)}
    if the_plan.disability and "cochin" in the_plan.disability.scores:
        found["cochin"] = [0.0, float(len(cochin.items) * cochin.highest)]
    for name in the_plan.disability.visual_scales if the_plan.disability else ():
        found[name] = [0.0, float(VISUAL_SCALE_MAXIMUM)]
    return found


def _covariates(the_plan: plan.Plan) -> dict[str, dict[str, Any]]:
    """The models' covariates that the section adjusts for."""
    if the_plan.disability is None or the_plan.models is None:
        return {}
    of = the_plan.models.covariates
    return {name: of[name].model_dump() for name in the_plan.disability.adjust}
