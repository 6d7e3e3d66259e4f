"""What the methods say of missing data."""

from collections.abc import Mapping
from typing import Any

from calcinosis.present.blocks import Sentence
from calcinosis.present.lines import source
from calcinosis.present.words import Labels

_EQUATIONS = (
    "Missing values of the multivariable model were imputed {imputations} times by chained "
    "equations ({iterations} iterations): numbers by predictive mean matching with {donors} "
    "donors, yes/no variables by logistic regression, ordered categories by proportional odds, "
    "others by multinomial regression, with parameters drawn from their approximate posterior. A "
    "few rows of little weight keep predictors that separate a category from driving its "
    "coefficients to infinity (augmentation of White, Daniel and Royston). Seed {seed}."
)
_PREDICTORS = "Each variable was imputed from all others of the model{centre}, and from the outcome"
_OUTCOME = (
    "The outcome itself was not imputed: patients without it leave, imputed or not. What the model "
    "makes of a variable (a cut, a logarithm, a curve, a product) was made of its completed values."
)
_OF_FILMS = (
    "Progression entered as it was seen, with the grade at the start and the logarithm of the "
    "years compared."
)
_OUTCOMES_OF_FILMS = ("progression", "progression_2_levels")
_RUBIN = (
    "Estimates were pooled by Rubin's rules with the degrees of freedom of Barnard and Rubin; "
    "terms of several levels were tested by D1 with Reiter's degrees of freedom."
)
_FIRTH = {
    "rubin": "Where the model is Firth's, this is of its estimates and the inverse information.",
    "clip": "Where the model is Firth's, intervals and tests are those of the combined penalised "
    "likelihood profiles (CLIP).",
}
_ASSUMES = (
    "It is assumed that values are missing at random, given what is in these models: the table of "
    "patients with and without missing values shows how far they differ in what is known."
)


def sentences(plan: Mapping[str, Any], label: Labels) -> list[Sentence]:
    """The paragraph on missing data; empty where the plan has no such section."""
    section, centres = plan["missing_data"], plan["centres"]
    if not section:
        return []
    fixed = centres and centres["fixed_effect"]
    predictors = _PREDICTORS.format(
        centre=f", {label.inside(centres['variable'])} included" if fixed else ""
    )
    others = ", ".join(label.inside(name) for name in section["auxiliary"])
    helped = f"; beside the model, from {others}" if others else ""
    of_films: list[Sentence] = []
    if plan["severity"] and plan["models"]["outcome"] in _OUTCOMES_OF_FILMS:
        of_films = [[_OF_FILMS]]
    found: list[Sentence] = [
        [_EQUATIONS.format(**section)],
        [f"{predictors}{helped}."],
        [_OUTCOME],
        *of_films,
        [_RUBIN],
        [_FIRTH[section["pooling"]]],
        [_ASSUMES],
    ]
    return [*found, *source(section["source"])]
