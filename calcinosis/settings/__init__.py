"""What the sections of a plan ask of their datasets and steps, as plain values for the rules.

A step is given the keys that it uses and no other, so that a remark, a source or a title makes no
number again.
"""

from typing import Any

from calcinosis import plan, scoring
from calcinosis.ingest import codebook
from calcinosis.plan.films import OF_FILMS
from calcinosis.plan.section import RESAMPLES
from calcinosis.settings import bone_density, by_centre, disability, lesions, missing_data


def of_steps(the_plan: plan.Plan, variables: list[codebook.Variable]) -> dict[str, Any]:
    """What each step uses of its section, so that a remark about it makes no number again."""
    eligibility, about = the_plan.eligibility, the_plan.describe
    incidence = the_plan.incidence
    severity, agreement, sctc = the_plan.severity, the_plan.agreement, the_plan.sctc
    errors, models, centres = the_plan.misclassification, the_plan.models, the_plan.centres
    validation = the_plan.validation
    of_films = models is not None and models.outcome in OF_FILMS
    ordered = {"baseline_grade", *(v.name for v in variables if v.type == "ordinal")}
    return {
        "cleaning": {
            **the_plan.cleaning.model_dump(exclude={"rules"}),
            "rules": [rule.model_dump(exclude={"source"}) for rule in the_plan.cleaning.rules],
        },
        "incidence": severity
        and incidence
        and {
            **incidence.model_dump(include={"per", "intervals", "by", "covariates", "horizon"}),
            "ordered": [name for name in incidence.by if name in ordered],
            "comparison": severity.comparison,
            "at_risk_only": severity.worst_grade_at_baseline == "not_at_risk",
        },
        "weights": sctc and dict(sctc.weights),
        "agreement": agreement and agreement.model_dump(exclude={"source"}),
        "misclassification": errors
        and {
            **errors.model_dump(exclude={"source"}),
            "per": the_plan.incidence.per if the_plan.incidence else 100,
            "models": models.model_dump(include={"outcome", "covariates"})
            if models and of_films
            else None,
        },
        "models": models and models.model_dump(exclude={"confounders"}),
        **missing_data.settings(the_plan, variables),
        "fixed_effect": centres and centres.model_dump(include={"variable", "fixed_effect"}),
        "centres_of_models": centres
        and centres.model_dump(include={"variable", "fixed_effect", "gee"}),
        "centres": centres
        and centres.model_dump(include={"variable", "fixed_effect", "random_intercept"}),
        "validation_bootstrap": validation and {"seed": validation.seed, "size": RESAMPLES},
        "criteria": [
            criterion.model_dump(exclude={"source"}) for criterion in eligibility.criteria
        ],
        "describe": about
        and {
            **about.model_dump(include={"by", "variables"}),
            "tests": {name: about.summary_of(name) for name in about.variables}
            if about.tests
            else None,
            "seed": about.seed if about.tests else None,
        },
        "risks_bootstrap": the_plan.risks and {"seed": the_plan.risks.seed, "size": RESAMPLES},
        "ordinal": the_plan.ordinal
        and {
            **the_plan.ordinal.model_dump(),
            "definitions": {
                name: of.model_dump()
                for name, of in (models.covariates if models else {}).items()
                if name in the_plan.ordinal.covariates
            },
        },
        "bone_density": bone_density.settings(the_plan),
        "disability": disability.settings(the_plan, variables),
        "lesions": lesions.settings(the_plan),
        "by_centre": by_centre.settings(the_plan),
    }


def of_datasets(the_plan: plan.Plan, names: set[str]) -> dict[str, Any]:
    """The part of the plan that decides the columns and rows of the datasets."""
    needs: dict[str, Any] = {}
    if the_plan.severity:
        incidence, columns = the_plan.incidence, set[str]()
        if incidence:
            columns = {u.variable or name for name, u in incidence.covariates.items()}
        needs["incidence"] = {"columns": sorted(columns | set(incidence.by if incidence else ()))}
    if the_plan.models:
        severity, centres = the_plan.severity, the_plan.centres
        needs["models"] = {
            "outcome": the_plan.models.outcome,
            "covariates": sorted(
                {
                    settings.variable or name
                    for name, settings in the_plan.models.covariates.items()
                    if not settings.interaction
                }
            ),
            "centre": centres.variable if centres else None,
            "at_risk_only": severity is not None
            and severity.worst_grade_at_baseline == "not_at_risk",
        }
    if the_plan.ordinal and the_plan.models:
        used = {name: the_plan.models.covariates[name] for name in the_plan.ordinal.covariates}
        needs["ordinal"] = {
            "outcome": the_plan.ordinal.outcome,
            "covariates": sorted(
                {of.variable or name for name, of in used.items() if not of.interaction}
            ),
        }
    if the_plan.missing_data:
        needs["missing_data"] = missing_data.needs(the_plan)
    if the_plan.describe:
        needs["describe"] = {
            "columns": [the_plan.describe.by, *the_plan.describe.variables],
            "bounds": scoring.bounds(the_plan, names, the_plan.describe.variables),
        }
    if the_plan.bone_density:
        needs["bone_density"] = {"columns": bone_density.columns(the_plan)}
    if the_plan.disability:
        needs["disability"] = disability.needs(the_plan, names)
    if the_plan.lesions:
        needs["lesions"] = lesions.needs(the_plan)
    if the_plan.by_centre:
        needs["by_centre"] = by_centre.needs(the_plan)
    return needs
