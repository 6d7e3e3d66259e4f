"""Methods text about centres."""

from collections.abc import Mapping
from typing import Any

from calcinosis.present.blocks import Sentence
from calcinosis.present.words import Labels


def of_models(section: Mapping[str, Any] | None) -> list[Sentence]:
    """How the models treat centres."""
    if not section:
        return []
    sentences: list[Sentence] = [
        ["Shares, their intervals and rank tests take patients of one centre as independent."]
    ]
    if section["fixed_effect"]:
        sentences.append(["The multivariable model has a parameter for each centre."])
    if section["gee"]:
        sentences.append(
            [
                "Generalised estimating equations with exchangeable correlation within centres "
                "stand beside it, with bias-reduced standard errors (Mancl and DeRouen) and t on "
                "centres minus parameters."
            ]
        )
    if section["random_intercept"]:
        sentences.append(
            [
                "A logistic model with a normal intercept for each centre stands beside it, by "
                "adaptive Gauss–Hermite quadrature with nine points."
            ]
        )
    sentences.append(
        [
            "The multivariable model was fitted without each centre in turn. Odds ratios of each "
            "covariate alone within centres were compared by Cochran's Q, I² and Paule and "
            "Mandel's τ²; centres without an estimate were left out and counted."
        ]
    )
    return sentences


def side_by_side(section: Mapping[str, Any] | None, label: Labels) -> list[Sentence]:
    """How centres are compared."""
    if not section:
        return []
    finding = label.inside(section["finding"])
    sentences = [
        f"The share with {finding} of each centre is shown against its number of patients with "
        "exact binomial limits of 95% and 99.8% around the share of all, interpolated between "
        "counts (after Spiegelhalter, Stat Med 2005;24:1185-1202, doi 10.1002/sim.1970), and equal "
        "shares are tested by Pearson's chi-squared.",
        "Missing values are counted in each centre, and questions that are open after the "
        "corrections, about all patients of the export.",
        "Shares and shifts between two groups were estimated again without each centre.",
    ]
    return [[sentence] for sentence in sentences]
