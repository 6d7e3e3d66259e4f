"""What the section `lesions` asks of its dataset and of its step."""

from typing import Any

from calcinosis import plan


def settings(the_plan: plan.Plan) -> dict[str, Any] | None:
    """What the step uses of the section, of the centres and of the adjusted model."""
    lesions = the_plan.lesions
    if lesions is None:
        return None
    return {
        **lesions.model_dump(exclude={"sites", "sides"}),
        "sites": list(lesions.sites),
        "two_sided": list(lesions.two_sided),
        "centre": _centre(the_plan),
        "model": _model(the_plan),
    }


def needs(the_plan: plan.Plan) -> dict[str, Any]:
    """The variables of each site, and the columns of patients beside their counts."""
    lesions, centre = the_plan.lesions, _centre(the_plan)
    assert lesions is not None
    return {
        "sites": lesions.sites,
        "two_sided": lesions.two_sided,
        "columns": [
            *(lesions.among, *lesions.complications, *lesions.ascertainment.values()),
            *([centre] if centre else []),
        ],
    }


def _centre(the_plan: plan.Plan) -> str | None:
    """The variable of the centre, where it is asked how each centre finds lesions."""
    found_how = the_plan.lesions is not None and the_plan.lesions.ascertainment
    return the_plan.centres.variable if the_plan.centres and found_how else None


def _model(the_plan: plan.Plan) -> dict[str, Any] | None:
    """The adjusted model of who has lesions, where it is asked how they were found."""
    models, lesions, centres = the_plan.models, the_plan.lesions, the_plan.centres
    if not (models and lesions and lesions.ascertainment and models.outcome == lesions.among):
        return None
    together = {
        part
        for name in models.multivariable
        for part in (name, *(models.covariates[name].interaction or ()))
    }
    return {
        **models.model_dump(exclude={"confounders", "covariates"}),
        "covariates": {
            name: of.model_dump() for name, of in models.covariates.items() if name in together
        },
        "centres": centres and centres.model_dump(include={"variable", "fixed_effect"}),
    }
