"""What the section `by_centre` asks of its dataset and of its step."""

from typing import Any

from calcinosis import plan


def settings(the_plan: plan.Plan) -> dict[str, Any] | None:
    """What the step uses of the section, and the results that it repeats without each centre."""
    section = the_plan.by_centre
    if section is None:
        return None
    return {**section.model_dump(), "results": _results(the_plan)}


def needs(the_plan: plan.Plan) -> dict[str, Any]:
    """The variables of patients, and the one that names the centre of a question."""
    section = the_plan.by_centre
    assert section is not None
    results = [name for result in _results(the_plan) for name in result.values()]
    return {
        "columns": [section.variable, section.finding, *section.variables, *results],
        "centre": section.variable,
    }


def _results(the_plan: plan.Plan) -> list[dict[str, str]]:
    """The numbers that the plan compares between groups, each with its grouping variable."""
    bones, disability = the_plan.bone_density, the_plan.disability
    found = [{"score": "t_score", "by": bones.by}] if bones else []
    if disability:
        found += [{"score": score, "by": by} for score in disability.scores for by in disability.by]
    return found
