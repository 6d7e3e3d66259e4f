"""Whether plan and codebook agree about what the plan derives; the derived variables are known."""

from calcinosis import plan, scoring
from calcinosis.derive import instruments
from calcinosis.errors import nearest
from calcinosis.known_variables import CATEGORY, NUMBER, YES_NO, Known, Say


def problems(the_plan: plan.Plan, known: Known, say: Say) -> None:
    """Say what is wrong with the items of scores, and add the scores to the known variables."""
    indices = scoring.haq_indices(the_plan, known.kind)
    _definitions(the_plan, known, say)
    for name, total in the_plan.totals.items():
        parts = total.parts()
        for item in parts["items"]:
            say(known.not_within(item, parts["highest"]), "totals", name)
        say(known.add_score(name), "totals", name)
    if the_plan.eligibility.classification:
        _classification(known, say)
    if the_plan.lesions:
        _lesions(the_plan.lesions, known, say)
    if the_plan.bone_density:
        _bone_density(the_plan.bone_density, known, say)
    if the_plan.disability:
        _disability(the_plan.disability, indices, known, say)


def _definitions(the_plan: plan.Plan, known: Known, say: Say) -> None:
    for name, definition in the_plan.definitions.items():
        for i, part in enumerate(definition.any_of):
            if definition.highest is None:
                say(known.not_yes_no(part), "definitions", name, i)
            else:
                say(known.not_within(part, definition.highest), "definitions", name, "any_of", i)
        say(known.add(name, CATEGORY, YES_NO), "definitions", name)
        say(known.add_score(f"{name}_count"), "definitions", name)
        if definition.highest is not None:
            say(known.add_score(f"{name}_worst"), "definitions", name)


def _classification(known: Known, say: Say) -> None:
    at = ("eligibility", "classification")
    for item, levels in instruments.ACR_EULAR_LEVELS.items():
        wrong = known.absent(item)
        if not wrong and set(known.levels[item]) != set(levels):
            wrong = f"the levels of '{item}' must be {'|'.join(levels)}"
        say(wrong, *at)
    say(known.add("acr_eular_lower", NUMBER), *at)
    say(known.add("acr_eular_upper", NUMBER), *at)
    say(known.add("acr_eular_2013", CATEGORY, instruments.ACR_EULAR_CLASSES), *at)


def _lesions(section: plan.Lesions, known: Known, say: Say) -> None:
    for site, places in section.sites.items():
        for i, name in enumerate(places):
            say(known.not_yes_no(name), "lesions", "sites", site, i)
    say(known.not_yes_no(section.among), "lesions", "among")
    for i, name in enumerate(section.complications):
        say(known.not_yes_no(name), "lesions", "complications", i)
    for mode, name in section.ascertainment.items():
        say(known.not_yes_no(name), "lesions", "ascertainment", mode)
    say(known.add("location_class", CATEGORY, instruments.LOCATION_CLASSES), "lesions")
    say(known.add_score("lesion_count"), "lesions")
    say(known.add("lesion_count_class", CATEGORY, instruments.LESION_COUNT_CLASSES), "lesions")


T_SCORES = (-7, 6)
"""T-scores and Z-scores beyond are impossible: the codebook must ask about them."""


def _bone_density(section: plan.BoneDensity, known: Known, say: Say) -> None:
    for name, density in section.densities.items():
        at = ("bone_density", "densities", name)
        say(known.not_a(density.variable, NUMBER), *at, "variable")
        for i, reference in enumerate(density.references):
            for variable, levels in reference.when.items():
                for level in levels:
                    say(known.no_level(variable, level), *at, "references", i, "when", variable)
        say(known.add(name, NUMBER), *at)
    for i, name in enumerate(section.sites):
        made = name in section.densities
        wrong = known.not_a(name, NUMBER) if made else known.not_between(name, *T_SCORES)
        say(wrong, "bone_density", "sites", i)
    for i, name in enumerate(section.z_scores):
        say(known.not_between(name, *T_SCORES), "bone_density", "z_scores", i)
    say(known.add("t_score", NUMBER), "bone_density")
    if section.who:
        who = section.who
        for key, level in (("women", who.women), ("men", who.men)):
            say(known.no_level(who.sex, level), "bone_density", "who", key)
        say(known.not_a(who.age, NUMBER), "bone_density", "who", "age")
        if who.postmenopausal:
            say(known.not_yes_no(who.postmenopausal), "bone_density", "who", "postmenopausal")
        say(known.add("who_group", CATEGORY, instruments.WHO_GROUPS), "bone_density")
        say(known.add("who_class", CATEGORY, instruments.WHO_CLASSES), "bone_density")
    if section.z_scores:
        say(known.add("z_class", CATEGORY, instruments.Z_CLASSES), "bone_density")


def _disability(section: plan.Disability, indices: dict[str, bool], known: Known, say: Say) -> None:
    for i, score in enumerate(section.scores):
        at = ("disability", "scores", i)
        if score not in instruments.QUESTIONNAIRES:
            continue
        instrument = instruments.QUESTIONNAIRES[score]
        for item in instrument.items:
            say(known.not_within(item, instrument.highest), *at)
        for name in indices if score == "haq_di" else [score]:
            say(known.add_score(name), *at)
    for name, scale in section.visual_scales.items():
        at_scale = ("disability", "visual_scales", name)
        say(known.not_within(scale.variable, scale.length), *at_scale)
        say(known.add_score(name), *at_scale)
    if "haq_di" not in section.scores:
        return
    for name in known.kind:
        if name.startswith(("haq_aid_", "haq_help_")) and name not in instruments.HAQ_AIDS:
            wrong = f"'{name}' is no aid or help of the HAQ: "
            say(wrong + nearest(name, instruments.HAQ_AIDS), "disability", "aids")
    flags = [name for name in instruments.HAQ_AIDS if name in known.kind]
    for flag in flags:
        say(known.not_yes_no(flag), "disability", "aids")
    if section.aids and not flags:
        say(
            "the codebook has no variable haq_aid_<category> or haq_help_<category>; where aids "
            "and help were not asked, write aids: false",
            *("disability", "aids"),
        )
