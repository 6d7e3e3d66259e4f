"""What the plan derives from items, as plain values for the rule that derives it."""

from collections.abc import Collection, Mapping
from typing import Any

from calcinosis import plan
from calcinosis.derive.instruments import (
    ACR_EULAR_LEVELS,
    COCHIN,
    HAQ,
    HAQ_AIDS,
    VISUAL_SCALES,
)


def scoring(the_plan: plan.Plan, names: Collection[str]) -> dict[str, Any]:
    """The part of the plan that decides which variables are derived, and how.

    Parameters
    ----------
    the_plan : the plan
    names : the variables of patients in the codebook
    """
    lesions, bones, disability = the_plan.lesions, the_plan.bone_density, the_plan.disability
    return {
        "definitions": {
            name: definition.model_dump(exclude={"source"})
            for name, definition in the_plan.definitions.items()
        },
        "totals": {name: total.parts() for name, total in the_plan.totals.items()},
        "classification": the_plan.eligibility.classification,
        "lesions": lesions and lesions.model_dump(include={"sites", "fingers", "among"}),
        "bone_density": bones
        and {
            **bones.model_dump(include={"sites", "use", "who", "z_scores"}),
            "densities": {
                name: density.model_dump(exclude={"source"})
                for name, density in bones.densities.items()
            },
        },
        "disability": disability
        and {
            "haq_di": haq_indices(the_plan, names),
            "cochin": "cochin" in disability.scores,
            **disability.model_dump(include={"visual_scales"}),
        },
    }


def made_of(name: str, scored: Mapping[str, Any]) -> set[str]:
    """A variable, and all those that it is derived from.

    Parameters
    ----------
    name : a column of a dataset
    scored : from `scoring`
    """
    stem = name.removesuffix("_lower").removesuffix("_upper")
    of_name = stem.removesuffix("_count").removesuffix("_worst")
    parts: set[str] = set()
    if of_name in scored["definitions"]:
        parts.update(scored["definitions"][of_name]["any_of"])
    if stem in scored["totals"]:
        parts.update(scored["totals"][stem]["items"])
    if stem.startswith("acr_eular") and scored["classification"]:
        parts.update(ACR_EULAR_LEVELS)
    if scored["lesions"] and name.startswith(("location_class", "lesion_count", "site_", "side_")):
        parts.update([scored["lesions"]["among"]], *scored["lesions"]["sites"].values())
    parts |= _made_of_bones(name, scored["bone_density"] or {})
    parts |= _made_of_items(stem, scored["disability"] or {})
    return {name}.union(*(made_of(part, scored) for part in parts - {name}))


def _made_of_bones(name: str, bones: Mapping[str, Any]) -> set[str]:
    if name in bones.get("densities", {}):
        density = bones["densities"][name]
        return {density["variable"], *(v for one in density["references"] for v in one["when"])}
    who = bones.get("who") or {}
    of_whom = {who[key] for key in ("sex", "age", "postmenopausal") if who.get(key)}
    return {
        "t_score": set(bones.get("sites", [])),
        "who_group": of_whom,
        "who_class": {"t_score", *of_whom},
        "z_class": {*bones.get("z_scores", []), *of_whom},
    }.get(name, set())


def _made_of_items(name: str, disability: Mapping[str, Any]) -> set[str]:
    if name in disability.get("haq_di", {}):
        return {*HAQ.items, *(HAQ_AIDS if disability["haq_di"][name] else ())}
    if name == "cochin" and disability.get("cochin"):
        return set(COCHIN.items)
    scale = disability.get("visual_scales", {}).get(name)
    return {scale["variable"]} if scale else set()


def haq_indices(the_plan: plan.Plan, names: Collection[str]) -> dict[str, bool]:
    """Each HAQ-DI that is computed: whether aids count.

    The one that the plan compares is called haq_di; where the export has aids, the other one
    stands beside it. `names` are the variables of patients in the codebook.
    """
    disability = the_plan.disability
    if disability is None or "haq_di" not in disability.scores:
        return {}
    indices = {"haq_di": disability.aids}
    if any(name in names for name in HAQ_AIDS):
        indices[
            "haq_di_without_aids" if disability.aids else "haq_di_with_aids"
        ] = not disability.aids
    return indices


def compared(the_plan: plan.Plan, names: Collection[str]) -> list[str]:
    """The scores of the disability section, in order, with every HAQ-DI."""
    indices = list(haq_indices(the_plan, names))
    scores = the_plan.disability.scores if the_plan.disability else []
    return [name for score in scores for name in (indices if score == "haq_di" else [score])]


def bounds(the_plan: plan.Plan, names: Collection[str], of: Collection[str]) -> list[str]:
    """The bounds of those variables among `of` that have them."""
    disability = the_plan.disability
    bounded = {*the_plan.totals, *haq_indices(the_plan, names)}
    bounded |= {"lesion_count"} if the_plan.lesions else set()
    for name, definition in the_plan.definitions.items():
        bounded |= {f"{name}_count"} | ({f"{name}_worst"} if definition.highest else set())
    if disability:
        bounded |= {*disability.visual_scales, *({"cochin"} & set(disability.scores))}
    return [f"{name}_{end}" for name in of if name in bounded for end in ("lower", "upper")]


LABELS = {
    "haq_di": "HAQ-DI",
    "haq_di_with_aids": "HAQ-DI with aids",
    "haq_di_without_aids": "HAQ-DI without aids",
    "cochin": "Cochin hand function scale",
    "mrss": "Modified Rodnan skin score",
    **VISUAL_SCALES,
    "postmenopausal_woman": "women after the menopause",
    "man_of_50_or_more": "men of 50 or more",
    "premenopausal_woman": "women before the menopause",
    "man_below_50": "men below 50",
    "within_expected_range": "within the range expected for age",
    "below_expected_range": "below the range expected for age",
    "who_not_known": "not known: sex, menopause of a woman, or age of a man",
}
"""Labels of scores, the same for every plan so that a score more makes no other figure again; a
variable of the codebook that has such a name keeps its own label."""
