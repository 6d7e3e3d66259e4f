"""The methods text of risks and of an ordered outcome."""

from collections.abc import Mapping
from typing import Any

from calcinosis.present.blocks import Sentence
from calcinosis.present.words import Labels


def paragraphs(plan: Mapping[str, Any], label: Labels) -> list[list[Sentence]]:
    """One paragraph for each of the two sections that the plan has."""
    found = []
    if plan["risks"]:
        found.append(_risks(plan["risks"]))
    if plan["ordinal"]:
        found.append(_ordinal(plan["ordinal"], label))
    return found


def _risks(section: Mapping[str, Any]) -> list[Sentence]:
    return [
        [
            "Risk ratios are from Poisson regression of the patients and covariates of the "
            "adjusted model with sandwich standard errors (HC1; Zou 2004)."
        ],
        [
            "Risks are standardised: the adjusted logistic model predicts the risk of each patient "
            "with each level of a covariate, the other covariates as they are, and the mean over "
            "the patients is taken. After Firth's estimate the intercept is first made to predict "
            "as many events as there are (FLIC; Puhr 2017)."
        ],
        [
            f"Their intervals are the 2.5th and 97.5th percentile of {section['bootstraps']} "
            f"resamples of the patients (seed {section['seed']}), in each of which the model is "
            "fitted anew, by Firth where the resample is separated."
        ],
    ]


def _ordinal(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    names = ", ".join(label(name) for name in section["covariates"])
    return [
        [
            f"{label(section['outcome'])} was analysed by proportional odds with profile intervals "
            f"and likelihood ratio tests, adjusted for each other: {names}. Levels that nobody has "
            "are left out. Patients with a missing value leave the model; those who began with the "
            "worst grade stay."
        ],
        [
            "Proportional odds were checked by the score test (Peterson and Harrell 1990) and by "
            "the logistic regressions of the single cuts, by Firth where a cut is separated."
        ],
    ]
