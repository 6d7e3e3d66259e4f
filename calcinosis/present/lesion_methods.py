"""What the methods say of lesions."""

from collections.abc import Mapping
from typing import Any

from calcinosis.present.blocks import Sentence
from calcinosis.present.words import Labels

_LESIONS = (
    "Each place that is recorded as affected counts as one lesion; a site has as many places as "
    "the export records ({places}). Each share names its denominator. Patients without {among} "
    "have neither lesions nor complications, whatever is recorded or missing. Shares of patients "
    "have Wilson's interval. Shares of lesions have the percentile interval of {bootstraps} "
    "bootstrap resamples of patients (seed {seed}), because lesions of one patient go together."
)
_FINGERS = (
    "Trend over {fingers}, in this order, whichever hand: the sum of the positions of affected "
    "fingers against its exact distribution when the affected fingers of each patient are permuted "
    "(the normal distribution beyond 1,000 patients). This was preferred to estimating equations "
    "because it needs no large sample and no correlation between fingers to be right. The odds "
    "ratio per finger is of conditional logistic regression with patients as strata and a sandwich "
    "variance over patients; the change of the share is the mean of the patients' own slopes, with "
    "t. Patients of whom a finger is not known are left out."
)
_SIDES = (
    "Right and left were compared within patients, over sites with both: who has any by McNemar's "
    "exact test, numbers of lesions by the mean difference (t) and the sign test. Which hand is "
    "dominant is not in the analysis."
)
_TOGETHER = (
    "Combinations of sites, fingers and thumbs as one, are of patients whose sites are all known; "
    "those of fewer than {smallest} patients, and those beyond the 15 most frequent, were counted "
    "together, with the next rarest where all of these would be fewer. Pairs of sites are "
    "described by phi, without tests."
)
_FOUND = (
    "How {among} was found ({modes}): each combination of patients all of whose ways are known. "
    "The shares were compared between centres by chi-squared, or by Fisher's exact test "
    "where fewer than 5 are expected in a cell. As sensitivity analyses the main results{odds} "
    "were made again with only those counting as {among} who were found by {first}, and so on "
    "down the list."
)


def sentences(plan: Mapping[str, Any], label: Labels) -> list[Sentence]:
    """The paragraph about lesions; empty where the plan has no such section.

    Parameters
    ----------
    plan : the sections of the plan
    label : labels
    """
    section = plan["lesions"]
    if not section:
        return []
    among = label.inside(section["among"])
    said = [
        _LESIONS.format(
            places=", ".join(f"{label(site)} {len(of)}" for site, of in section["sites"].items()),
            among=among,
            bootstraps=f"{section['bootstraps']:,}",
            seed=section["seed"],
        ),
        _FINGERS.format(fingers=", ".join(label(name) for name in section["fingers"])),
    ]
    said += [_SIDES] if section["sides"] else []
    said.append(_TOGETHER.format(smallest=section["smallest_combination"]))
    modes = [label.inside(mode) for mode in section["ascertainment"]]
    if modes:
        modelled = plan["models"] and plan["models"]["outcome"] == section["among"]
        odds = ", the adjusted odds ratios too," if modelled else ""
        listed = ", ".join(modes)
        said.append(_FOUND.format(among=among, modes=listed, odds=odds, first=modes[0]))
    return [[sentence] for sentence in said]
