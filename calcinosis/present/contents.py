"""The report as data: its sections in order, each with its blocks.

A new analysis adds an entry here and its table or figure; the template stays as it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from calcinosis.present import (
    ascertainment_tables,
    bone_density_tables,
    by_centre_tables,
    centre_tables,
    definitions,
    disability_tables,
    findings,
    formats,
    hand_map,
    incidence_tables,
    lesion_chapter,
    lesion_tables,
    limitations,
    methods,
    missing_tables,
    model_tables,
    outcome_tables,
    patient_tables,
    progression_tables,
    published_tables,
    reader_findings,
    reader_tables,
    strobe,
    tables,
    validation_tables,
)
from calcinosis.present.blocks import Block, Paragraph, Picture, Section, Sentence, with_words
from calcinosis.present.words import Book, Labels


def sections(book: Book, plan: Mapping[str, Any], labels: Mapping[str, str]) -> list[Section]:
    """All sections of a cohort's report.

    Parameters
    ----------
    book : the estimates of the cohort
    plan : the sections of its plan
    labels : of variables and levels
    """
    label = Labels(labels)
    made = [
        Section("findings", "Key findings", [Paragraph(_findings(book, plan, label))]),
        Section("participants", "Participants", _participants(book, plan, label)),
    ]
    for section, title, blocks in CHAPTERS:
        if plan[section]:
            made.append(Section(section, title, blocks(book, plan, label)))
    made.append(Section("limitations", "Limitations", limitations.paragraphs(book, plan, label)))
    made.append(Section("quality", "Data quality", tables.quality(book, label)))
    made.append(Section("methods", "Methods", _methods(plan, label)))
    meanings = definitions.table(plan, label)
    made += [Section("definitions", "Definitions", meanings)] if meanings else []
    form, titles = plan["about"]["form"], {section.id: section.title for section in made}
    if form in strobe.TITLES:
        made.append(Section("strobe", "STROBE checklist", [strobe.table(form, titles)]))
    if formats.profile().p_letter == "p":
        return made
    return [
        replace(chapter, blocks=[with_words(block, formats.p_letter) for block in chapter.blocks])
        for chapter in made
    ]


def _findings(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Sentence]:
    sentences: list[Sentence] = [findings.participants(book)]
    if plan["severity"]:
        comparison = plan["severity"]["comparison"]
        at_risk = plan["severity"]["worst_grade_at_baseline"] == "not_at_risk"
        sentences += [
            findings.risk(book, comparison, at_risk),
            findings.headline_rate(book, plan["incidence"], at_risk),
            findings.by_two_levels(book, comparison, label),
            findings.where(book, comparison, label),
            reader_findings.agreement(book, label),
            reader_findings.false_worsening(book, comparison, label),
        ]
    sentences += [
        lesion_tables.prevalence(book, label),
        findings.associated(book, label),
        findings.clustered(book, label),
        validation_tables.finding(book),
        bone_density_tables.t_scores(book, label),
        disability_tables.scores(book, plan["disability"], label),
        lesion_tables.where_lesions(book, label),
        *([_found_only(book, plan, label)] if plan["lesions"] else []),
        *([by_centre_tables.finding(book, plan["by_centre"], label)] if plan["by_centre"] else []),
        published_tables.finding(book, plan["published"]),
    ]
    return [sentence for sentence in sentences if sentence]


_NOT_AT_RISK = (
    "Those without progression include patients who began with the worst grade and could not "
    "worsen: differences between the columns are in part theirs. The models leave them out."
)


def _mixes_those_not_at_risk(plan: Mapping[str, Any]) -> bool:
    severity = plan["severity"]
    at_risk_only = severity and severity["worst_grade_at_baseline"] == "not_at_risk"
    return bool(at_risk_only and plan["describe"]["by"].startswith("progression"))


def _participants(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    finding = findings.participants(book)
    blocks: list[Block] = [
        Picture("flow_figure", "Participant flow.", finding),
        tables.flow(book, label),
        *([Paragraph(found)] if (found := findings.dates(book, label)) else []),
    ]
    if plan["describe"]:
        note = _NOT_AT_RISK if _mixes_those_not_at_risk(plan) else ""
        made = (
            patient_tables.describe(book, plan["describe"], label, note),
            patient_tables.one_film(book, plan["describe"], label),
        )
        blocks += [table for table in made if table]
    return blocks


def _severity(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    comparison, words = plan["severity"]["comparison"], plan["report"]
    where = progression_tables.where(book, comparison, label)
    whole_films = plan["severity"]["worsening"] == "global_grade"
    return [
        progression_tables.grades(book, label, words["observation"], whole_films=whole_films),
        Picture(
            "transitions_figure",
            f"From grade to grade of {words['finding']}: the width of a band is the number of "
            "intervals.",
            findings.transitions(book, label, words["observations"]),
        ),
        progression_tables.transitions(book, label),
        progression_tables.risks(
            book, comparison, label, words["observation"], words["observations"]
        ),
        reader_tables.definitions(book, comparison),
        *([where] if where else []),
        *hand_map.blocks(book, label, words),
        *findings.not_compared(book, words["observations"]),
    ]


def _agreement(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    found = [
        reader_tables.scores(book, label),
        reader_tables.errors(book, label),
        reader_tables.what_if(book, plan["agreement"], label),
    ]
    return [
        *reader_findings.low(book, label),
        reader_tables.agreement(book, label),
        *(table for table in found if table),
    ]


def _misclassification(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    return [reader_tables.corrected(book, plan["severity"]["comparison"], label)]


def _sctc(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    return [
        *reader_findings.unconfirmed(plan["sctc"]),
        *reader_tables.sctc(book, plan["severity"]["comparison"], label),
    ]


def _incidence(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    section, severity, words = plan["incidence"], plan["severity"], plan["report"]
    at_risk = severity["worst_grade_at_baseline"] == "not_at_risk"
    suffix, horizon = incidence_tables.AT_RISK if at_risk else "", section["horizon"]
    sentence = (
        "Nobody saw when progression happened, only between which two observations. Counting "
        "everybody as at risk for the full interval divides the events by time in which "
        "progression had already happened, so that the rate is too low when many progress; the "
        "mid-point and the interval-censored estimates correct for it, each with its own "
        "assumption. The share that progressed assumes least."
    )
    caption = (
        f"Cumulative incidence of progression of {words['finding']}, interval-censored. Lines are "
        "broken before the shortest time between observations, where nothing was seen: there they "
        "rest on the constant rate alone."
    )
    finding = findings.headline_rate(book, section, at_risk)
    return [
        Paragraph([[sentence]]),
        incidence_tables.rates(book, severity["comparison"], words["observation"]),
        *incidence_tables.shape(book, suffix, words["observations"]),
        Picture("incidence_figure", caption, finding),
        *incidence_tables.risks_within(book, horizon, suffix, label),
        *incidence_tables.strata(book, section["by"], suffix, label),
        *incidence_tables.hazard_ratios(book, horizon, suffix, label),
        *incidence_tables.intensities(book, label),
    ]


def _models(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    outcome = label.inside(plan["models"]["outcome"])
    centre = centre_tables.of_plan(plan["centres"], label)
    others = f" and for {centre}" if centre else ""
    caption = (
        f"Odds ratios of {outcome}, each covariate alone, and adjusted for each other{others}."
    )
    extra = (model_tables.beside(book, label), model_tables.checks(book, label))
    curves = [
        Picture("curves_figure", _CURVES.format(outcome=outcome), findings.curves(book, label))
        for covariate in plan["models"]["covariates"].values()
        if covariate["spline"]
    ]
    return [
        model_tables.odds_ratios(book, plan, label, outcome, centre),
        Picture("forest_figure", caption, findings.associated(book, label)),
        *curves[:1],
        *(table for table in extra if table),
    ]


def _missing_data(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    caption = (
        "Which variables of the model and of its imputation are missing together: a line for each "
        "pattern, a square where the variable is missing, and how many patients have it."
    )
    picture = Picture("missing_data_figure", caption, missing_tables.finding(book))
    return missing_tables.blocks(book, plan, label, picture)


_CURVES = (
    "Odds ratio of {outcome} along each curve, against the median, with 95% intervals; between the "
    "5th and 95th percentile of the patients."
)


def _risks(book: Book, _plan: Mapping[str, Any], label: Labels) -> list[Block]:
    return [*outcome_tables.common(book, label), *outcome_tables.risks(book, label)]


def _ordinal(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    return [*outcome_tables.ordinal(book, label, plan["ordinal"]["outcome"])]


def _centres(book: Book, _plan: Mapping[str, Any], label: Labels) -> list[Block]:
    caption = (
        "Adjusted odds ratios without each centre in turn; the line is that of all centres, whose "
        "interval is shaded."
    )
    found = [
        centre_tables.clustered(book, label),
        centre_tables.between(book),
        Picture("leave_one_out_figure", caption, centre_tables.left_out(book, label)),
        centre_tables.heterogeneity(book, label),
    ]
    return [centre_tables.sizes(book, label), *(block for block in found if block)]


def _validation(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    caption = (
        "Left, the ROC curve of the adjusted model in its own patients. Right, observed against "
        "predicted risk in groups of similar risk, with 95% intervals; on the diagonal they agree."
    )
    found = [validation_tables.resamples(book), validation_tables.influence(book, label)]
    return [
        validation_tables.performance(book, centre_tables.of_plan(plan["centres"], label)),
        Picture("validation_figure", caption, validation_tables.finding(book)),
        *(table for table in found if table),
    ]


def _multiplicity(book: Book, _plan: Mapping[str, Any], label: Labels) -> list[Block]:
    return [*validation_tables.multiplicity(book, label)]


def _disability(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    number = ", and by number of lesions" if plan["lesions"] else ""
    caption = f"Disability and hand function (median and quartiles) by group{number}."
    finding = disability_tables.scores(book, plan["disability"], label)
    picture = Picture("disability_figure", caption, finding)
    return [picture, *disability_tables.blocks(book, plan["disability"], label)]


def _found_only(book: Book, plan: Mapping[str, Any], label: Labels) -> Sentence:
    return ascertainment_tables.finding(book, plan["lesions"], label)


def _published(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    return published_tables.blocks(book, plan["published"], label)


def _methods(plan: Mapping[str, Any], label: Labels) -> list[Block]:
    optional = [("describe", "Table of patients"), *(chapter[:2] for chapter in CHAPTERS)]
    absent = [title.lower() for section, title in optional if not plan[section]]
    not_run = [
        Paragraph([[f"Not run, because the plan has no such section: {', '.join(absent)}."]])
    ]
    return [*methods.paragraphs(plan, label), *(not_run if absent else [])]


Blocks = Callable[[Book, Mapping[str, Any], Labels], list[Block]]

CHAPTERS: tuple[tuple[str, str, Blocks], ...] = (
    ("severity", "Severity and progression", _severity),
    ("sctc", "SCTC score", _sctc),
    ("agreement", "Agreement of readers", _agreement),
    ("misclassification", "Progression corrected for errors of reading", _misclassification),
    ("incidence", "Incidence", _incidence),
    ("models", "Associated factors", _models),
    ("risks", "Risk ratios and differences", _risks),
    ("ordinal", "Ordered outcome", _ordinal),
    ("missing_data", "Missing data", _missing_data),
    ("centres", "Centres", _centres),
    ("multiplicity", "Multiplicity", _multiplicity),
    ("validation", "Validation of the adjusted model", _validation),
    ("bone_density", "Bone density", bone_density_tables.blocks),
    ("disability", "Disability and hand function", _disability),
    ("lesions", "Lesions", lesion_chapter.blocks),
    ("by_centre", "Centres side by side", by_centre_tables.blocks),
    ("published", "Published against ours", _published),
)
"""Section of the plan, title of its chapter, and what makes its blocks."""
