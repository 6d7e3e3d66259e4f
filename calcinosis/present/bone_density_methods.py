"""The methods text on bone density."""

from collections.abc import Mapping
from typing import Any

from calcinosis.present import formats
from calcinosis.present.blocks import Sentence
from calcinosis.present.lines import source
from calcinosis.present.words import Labels


def sentences(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    """What the plan's section `bone_density` does, in sentences."""
    measured = "; ".join(label(site) for site in section["sites"])
    used = f"the lowest of {measured}" if section["use"] == "lowest" else label(section["use"])
    return [
        [f"Bone density: {used}."],
        *_densities(section["densities"], label),
        *_device(section, label),
        [
            "At each site groups are compared by the rank-sum test (exact when both have fewer "
            "than 50 values and none ties, otherwise normal with tie and continuity correction) "
            "and the Hodges–Lehmann shift, whose interval holds the shifts that the test does not "
            "reject; by a permutation test of the ranks, which counts all permutations, with ties "
            "too, or 10,000 random ones where there are too many or more than two groups (seed "
            f"{section['seed']}); and by Welch's test of means. More than two groups are compared "
            "by Kruskal and Wallis, and rank-sum p-values of their pairs adjusted by Holm."
        ],
        *_adjusted(section, label),
        *_weighted(section, label),
        _who(section, label),
        *source(section["source"]),
    ]


def _densities(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    sentences: list[Sentence] = []
    for name, density in section.items():
        references = []
        for reference in density["references"]:
            whom = " and ".join(
                f"{label(variable)} {' or '.join(map(label, levels))}"
                for variable, levels in reference["when"].items()
            )
            mean, spread = (formats.as_given(reference[name]) for name in ("mean", "sd"))
            numbers = f"mean {mean}, SD {spread}"
            references.append(f"{whom}: {numbers}" if whom else numbers)
        sentences += [
            [
                f"{label(name)} is {label(density['variable'])} minus the mean of young adults, "
                f"over their standard deviation ({'; '.join(references)})."
            ],
            *source(density["source"]),
        ]
    return sentences


def _device(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    named = f"{label(section['device'])} names the scanner." if section["device"] else ""
    note = f"About the scanners: {section['device_note'].rstrip('.')}."
    return [[said] for said in (named, note if section["device_note"] else "") if said]


def _adjusted(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    if not section["adjust"]:
        return [["Nothing is adjusted for."]]
    names = ", ".join(label.inside(name) for name in section["adjust"])
    drawn = section["bootstraps"]
    interval = (
        f"with percentile intervals from {drawn} resamples of the patients (seed {section['seed']})"
        if drawn
        else "without intervals, because the plan asks for no resamples"
    )
    return [
        [
            f"Differences are adjusted for {names}: of means by least squares with robust standard "
            f"errors (HC3) and t; of medians by linear programming, {interval}; osteoporosis by "
            "logistic regression among those who are classed. Patients with a missing value leave."
        ]
    ]


def _weighted(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    weighting = section["weighting"]
    if weighting is None:
        return []
    variables = weighting["variables"] or [n for n in section["selection"] if n != section["by"]]
    names = ", ".join(label.inside(name) for name in variables)
    cut = 100 * weighting["truncation"]
    truncated = (
        f"cut at their percentiles {formats.as_given(cut)} and {formats.as_given(100 - cut)}"
        if cut
        else "not truncated"
    )
    drawn = section["bootstraps"]
    medians = (
        f"; medians have percentile intervals from {drawn} resamples of all patients, in each of "
        "which the weights are found anew"
        if drawn
        else ""
    )
    return [
        [
            "As a sensitivity analysis those measured are weighted to be like everybody: by the "
            "share measured over the chance of being measured, from logistic regression on "
            f"{names}, {truncated}. Differences of means have robust standard errors, which take "
            f"the weights as known{medians}."
        ],
        *source(weighting["source"]),
    ]


def _who(section: Mapping[str, Any], label: Labels) -> Sentence:
    who = section["who"]
    if who is None:
        return ["The plan does not say whom the WHO classes are meant for; nobody is classed."]
    menopause = (
        f"{label(who['postmenopausal'])} says who is after the menopause, and a woman in whom "
        "it is missing is not classed"
        if who["postmenopausal"]
        else "the export does not say which women are after the menopause, so that none is classed"
    )
    others = (
        "Others are judged by the lowest Z-score: −2.0 or lower is below the range expected for "
        "age (International Society for Clinical Densitometry)."
        if section["z_scores"]
        else "For others Z-scores are used, of which the plan names none."
    )
    return [
        "WHO classes: normal from −1.0, osteoporosis from −2.5 downwards, osteopenia between, for "
        f"women after the menopause and men of 50 or more; {menopause}. {others}"
    ]
