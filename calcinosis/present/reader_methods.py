"""The methods text on readers: agreement, errors of reading, the SCTC score."""

from collections.abc import Mapping
from typing import Any

from calcinosis.present import formats
from calcinosis.present.blocks import Sentence
from calcinosis.present.lines import source
from calcinosis.present.words import Labels


def paragraphs(plan: Mapping[str, Any], label: Labels) -> list[list[Sentence]]:
    """One list of sentences per section of the plan that was run."""
    makers = {"sctc": _sctc, "agreement": _agreement, "misclassification": _misclassification}
    return [make(plan[name], label) for name, make in makers.items() if plan[name]]


def _agreement(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    kappas = "; ".join(
        f"{label(name)} {formats.number(value, 2)}"
        for name, value in section["published_kappas"].items()
    )
    sentences: list[Sentence] = [
        [
            "Readers are compared pairwise on the films of analysed patients that both read, and "
            "each reader with himself where he read a film again; the first reading counts for the "
            "analysis. A film's grade is the maximum of the regions that both readings have. "
            "Kappa is unweighted and with linear and quadratic weights over all grades; the "
            "intraclass correlation is ICC(2,1), two-way random with absolute agreement. Where a "
            "patient has several regions or films, intervals are from the jackknife that leaves "
            "out whole patients."
        ]
    ]
    if kappas:
        sentences.append([f"Published kappas for the what-if: {kappas}."])
    return sentences + source(section["source"])


def _misclassification(section: Mapping[str, Any], _label: Labels) -> list[Sentence]:
    known = [formats.percent(section[name]) for name in ("sensitivity", "specificity")]
    return [
        [
            f"Progression is also corrected for a sensitivity of {known[0]} and a specificity of "
            f"{known[1]} of one comparison of two films, taken as known and the same for all "
            "patients: where each patient has one comparison, the risk after Rogan and "
            "Gladen, the rate by the likelihood of intervals that are read with error, odds ratios "
            "of one category at a time."
        ],
        *source(section["source"]),
    ]


def _sctc(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    weights = ", ".join(
        f"{label(name)} {formats.as_given(value)}" for name, value in section["weights"].items()
    )
    checked = "confirmed" if section["confirmed"] else "not confirmed"
    return [
        [
            "SCTC score of a film: the sum over its regions of coverage (per cent) times density "
            f"(1 to 3) times the weight of the region ({weights}; {checked}). A change is taken "
            "against the first film by the regions read on both; a rise by more than 25% is "
            "progressive, a fall by more than 25% improved, and any score after 0 new."
        ],
        *source(section["source"]),
    ]
