"""What the section `bone_density` asks of its dataset and of its step."""

from typing import Any

from calcinosis import plan
from calcinosis.derive.instruments import WHO_ELIGIBLE


def settings(the_plan: plan.Plan) -> dict[str, Any] | None:
    """What the step uses of the section, and of the models whose covariates it takes."""
    bones, models = the_plan.bone_density, the_plan.models
    if bones is None:
        return None
    of_models: dict[str, Any] = {}
    if bones.adjust and models:
        how = {"estimator", "intervals", "events_per_parameter", "over_budget"}
        of_models = {
            "definitions": {name: models.covariates[name].model_dump() for name in bones.adjust},
            "models": models.model_dump(include=how),
        }
    return {
        **bones.model_dump(include={"by", "selection", "device", "adjust", "bootstraps", "seed"}),
        **of_models,
        "sites": bones.compared_beside(),
        "eligible": WHO_ELIGIBLE if bones.who else [],
        "z_scores": bool(bones.z_scores),
        "device_has_reference": bones.device_has_reference(),
        "weighting": bones.weighting
        and {
            "variables": bones.weighting_variables(),
            "truncation": bones.weighting.truncation,
        },
        "centre": _centre(the_plan),
    }


def columns(the_plan: plan.Plan) -> list[str]:
    """The variables of patients that the step uses."""
    bones, models = the_plan.bone_density, the_plan.models
    assert bones is not None
    found = [bones.by, "t_score", *bones.compared_beside(), *bones.selection]
    found += ["who_group", "who_class"] if bones.who else []
    found += ["z_class"] if bones.z_scores else []
    if models:
        used = {name: models.covariates[name] for name in bones.adjust}
        found += [of.variable or name for name, of in used.items() if not of.interaction]
    return list(dict.fromkeys([*found, *filter(None, [bones.device, _centre(the_plan)])]))


def _centre(the_plan: plan.Plan) -> str | None:
    """The centres, where those measured are compared with the others."""
    bones, centres = the_plan.bone_density, the_plan.centres
    return centres.variable if centres and bones and bones.selection else None
