"""The methods text on scores: composites, totals, bone density, disability."""

from collections.abc import Mapping
from typing import Any

from calcinosis.present import bone_density_methods, formats
from calcinosis.present.blocks import Sentence
from calcinosis.present.lines import source
from calcinosis.present.words import Labels, capital


def derived(plan: Mapping[str, Any], label: Labels) -> list[list[Sentence]]:
    """What is added to the variables of the export: one list of sentences per section."""
    return [_definitions(plan["definitions"], label), _totals(plan["totals"], label)]


def analysed(plan: Mapping[str, Any], label: Labels) -> list[list[Sentence]]:
    """Scores that are compared: one list of sentences per section that was run."""
    makers = {"bone_density": bone_density_methods.sentences, "disability": _disability}
    return [make(plan[name], label) for name, make in makers.items() if plan[name]]


def _definitions(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    sentences: list[Sentence] = []
    for name, definition in section.items():
        grade = definition["at_least"]
        graded = "" if grade is None else f" of grade {formats.as_given(grade)} or more"
        parts = ", ".join(label(part) for part in definition["any_of"])
        sentences += [
            [
                f"{capital(label(name))} is present when any of these is{graded}: {parts}; it "
                "is absent only when all are known to be."
            ],
            *source(definition["source"]),
        ]
    return sentences


def _totals(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    sentences: list[Sentence] = []
    for name, total in section.items():
        parts = ", ".join(label(item) for item in total["items"])
        said = (
            f"{parts}, each from 0 to {formats.as_given(total['highest'])}"
            if total["items"]
            else ""
        )
        if total["instrument"] == "mrss":
            said = "the modified Rodnan skin score of 17 sites, each from 0 to 3"
        sentences += [
            [f"{label(name)} is the sum of {said}; it is missing when one of them is."],
            *source(total["source"]),
        ]
    return sentences


def _disability(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    sentences: list[Sentence] = []
    if "haq_di" in section["scores"]:
        aids = "raise a category to 2, a missing answer counting as none"
        aids = aids if section["aids"] else "are not counted"
        sentences.append(
            [
                "HAQ-DI: the mean of the worst items of the categories answered, at least six of "
                f"eight; aids, devices and help {aids}. Where the export has them, the index of "
                "the other choice stands beside it."
            ]
        )
    if "cochin" in section["scores"]:
        sentences.append(["Cochin hand function scale: the sum of 18 items, all answered."])
    for name, scale in section["visual_scales"].items():
        sentences.append(
            [
                f"{label(name)}: the mark on a line of {formats.as_given(scale['length'])}, as 0 "
                "(none) to 3; it stands for itself and is no part of the HAQ-DI."
            ]
        )
    return [*sentences, *_compared(section, label), *source(section["source"])]


def _compared(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    """How scores are compared between groups, and with the number of lesions."""
    adjusted = ", ".join(label.inside(name) for name in section["adjust"])
    sentences: list[Sentence] = [
        [
            "Two groups are compared by the rank-sum test and the Hodges–Lehmann shift, whose "
            "interval holds the shifts that the test does not reject; more groups by the test of "
            "Kruskal and Wallis, then pair by pair, with p-values by Holm's method for the pairs "
            "of one grouping variable in one score."
        ],
        [
            "Means of groups and points per lesion are those of linear regression with robust "
            "standard errors (HC3) and t"
            + (
                f", crude and adjusted for {adjusted}, in the same patients; an adjusted mean is "
                "the prediction averaged over all of them."
                if adjusted
                else "; nothing is adjusted for."
            )
        ],
        [
            "Scores are correlated by Spearman's coefficient (interval of Bonett and Wright) and "
            "Pearson's (Fisher). Where lesions are counted, the trend over the classes none, one, "
            "two or three, four or more is tested by Jonckheere and Terpstra's test with the "
            "variance for ties."
        ],
    ]
    for name, important in section["minimal_important_differences"].items():
        said = f"{formats.as_given(important['value'])} ({important['source'].rstrip('.')})"
        sentences.append([f"Minimal important difference of the {label(name)}: {said}."])
    return sentences
