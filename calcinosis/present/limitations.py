"""Limitations that follow from the data and the plan, each with the number that it rests on."""

from collections.abc import Callable, Mapping
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats, reader_findings
from calcinosis.present.blocks import Paragraph, Sentence, cell
from calcinosis.present.bone_density_model_tables import UNBALANCED
from calcinosis.present.words import Book, Labels, capital

FEW = 10
"""Patients of the smaller outcome class for each odds ratio (Peduzzi 1996), below which the text
warns; the plan's own budget decides about the estimator."""
COMMON = 0.1
"""Risk above which an odds ratio is no risk ratio."""


def paragraphs(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Paragraph]:
    """What a reader must keep in mind, one paragraph per limitation.

    Parameters
    ----------
    book : the estimates of the cohort
    plan : the sections of its plan
    label : of variables and levels
    """
    makers: tuple[Callable[[Book, Mapping[str, Any], Labels], Sentence], ...] = (
        _simulated,
        _form,
        _confounding,
        _interval_censoring,
        _one_film,
        _readers,
        _few_events,
        _common_outcome,
        _complete_cases,
        _centres,
        _independence,
        _densitometry,
        _unscored,
        _unknown_places,
        _multiplicity,
    )
    found = [make(book, plan, label) for make in makers]
    return [Paragraph([sentence]) for sentence in found if sentence]


def _simulated(_book: Book, plan: Mapping[str, Any], _label: Labels) -> Sentence:
    if not plan["about"]["simulated"]:
        return []
    return ["The data are simulated: no estimate is evidence about patients."]


def _form(_book: Book, plan: Mapping[str, Any], _label: Labels) -> Sentence:
    if plan["about"]["form"] != "cross_sectional":
        return []
    return [
        "Everything was recorded at one time: an association does not tell what came first, and "
        "nothing here is a cause."
    ]


def _confounding(_book: Book, plan: Mapping[str, Any], _label: Labels) -> Sentence:
    if plan["about"]["form"] == "trial" or not (plan["models"] and plan["models"]["multivariable"]):
        return []
    return [
        "Adjusted estimates allow for what the plan names and the export holds; what else differs "
        "between patients, or was measured roughly, may explain a part of them."
    ]


def _interval_censoring(book: Book, plan: Mapping[str, Any], _label: Labels) -> Sentence:
    years = book.one(analysis="incidence", model="", statistic="median")
    if not plan["incidence"] or years is None:
        return []
    observations = plan["report"]["observations"]
    return [
        f"When progression happened is known only to lie between two {observations}, of which the "
        "median interval is ",
        cell(years),
        " years; rates depend on what is assumed within it, the share that progressed does not.",
    ]


def _one_film(book: Book, plan: Mapping[str, Any], _label: Labels) -> Sentence:
    lost = book.one(analysis="flow", term="excluded", level="fewer_than_two_films")
    if lost is None or not lost.estimate:
        return []
    observations = plan["report"]["observations"]
    return [
        cell(lost),
        f" patients with fewer than two {observations} are not in the estimates of progression; "
        "whoever came back may differ from them.",
    ]


def _readers(book: Book, plan: Mapping[str, Any], label: Labels) -> Sentence:
    if not plan["severity"]:
        return []
    observation = plan["report"]["observation"]
    if not plan["agreement"]:
        return [
            f"No {observation} was read twice in this analysis: how far errors of reading look "
            "like progression is not known."
        ]
    rows = reader_findings.kappas(book)
    if not rows:
        return [f"Too few {observation}s were read twice to tell how far readers agree."]
    lowest = min(rows, key=lambda row: row.estimate or 0)
    who = reader_findings.who(lowest, label)
    return [
        f"Readers do not always agree: kappa (linear weights) of {who} ",
        cell(lowest, formats.with_interval),
        ". Some of the progression is an error of reading.",
    ]


def _few_events(book: Book, _plan: Mapping[str, Any], label: Labels) -> Sentence:
    rows = _adjusted(book)
    counted = next((row for row in rows if row.n and row.events is not None), None)
    if counted is None:
        return []
    with_outcome, patients = int(counted.events or 0), int(counted.n or 0)
    if min(with_outcome, patients - with_outcome) >= FEW * len(rows):
        return []
    return [
        f"The adjusted model is small: {label.inside(counted.outcome)} in ",
        cell(counted, formats.fraction),
        f" patients, so that the smaller outcome class has fewer than {FEW} patients for each odds "
        "ratio. Estimates may be far from the truth in either direction, and an association that "
        "is not seen is not excluded.",
    ]


def _common_outcome(book: Book, plan: Mapping[str, Any], label: Labels) -> Sentence:
    counted = next((row for row in _adjusted(book) if row.n and row.events is not None), None)
    if counted is None or not COMMON < (counted.events or 0) / (counted.n or 1) < 1:
        return []
    beside = (
        "risk ratios stand beside them"
        if plan["risks"]
        else "an odds ratio of 2 is not twice the risk"
    )
    return [
        f"{capital(label(counted.outcome))} is common (",
        cell(counted, formats.fraction),
        f" in the adjusted model): odds ratios lie further from 1 than risk ratios; {beside}.",
    ]


def _complete_cases(book: Book, plan: Mapping[str, Any], _label: Labels) -> Sentence:
    counted = next((row for row in _adjusted(book) if row.n), None)
    analysed = book.one(analysis="flow", term="analysed")
    if counted is None or analysed is None or (counted.n or 0) >= (analysed.estimate or 0):
        return []
    otherwise = (
        "the same model with what is missing imputed stands beside it"
        if plan["missing_data"]
        else "nothing is imputed, and if whoever lacks a value differs, the estimates are biased"
    )
    return [
        "The adjusted model is of ",
        cell(counted, lambda r: formats.number(r.n or 0, 0)),
        " of ",
        cell(analysed),
        f" patients: those for whom it is meant and who lack none of its values; {otherwise}.",
    ]


def _centres(book: Book, _plan: Mapping[str, Any], _label: Labels) -> Sentence:
    number = book.one(analysis="centres", model="", statistic="count")
    if number is None or number.status != "warning":
        return []
    return [
        "The patients come from ",
        cell(number),
        " centres, too few to say how much centres differ in general.",
    ]


def _independence(_book: Book, plan: Mapping[str, Any], _label: Labels) -> Sentence:
    chapters = {"bone_density": "bone density", "disability": "disability", "lesions": "lesions"}
    named = [name for section, name in chapters.items() if plan[section]]
    if not (plan["centres"] and named):
        return []
    beside = "; the main results stand beside those without each centre" * bool(plan["by_centre"])
    return [
        f"The chapters on {', '.join(named)} take patients of one centre as independent, so that "
        f"their intervals may be too narrow{beside}."
    ]


def _densitometry(book: Book, _plan: Mapping[str, Any], label: Labels) -> Sentence:
    taken = book.one(analysis="bone_density", term="densitometry", statistic="proportion")
    if taken is None or taken.estimate is None or taken.estimate == 1:
        return []
    parts: Sentence = [
        "Only ",
        cell(taken, lambda r: f"{formats.fraction(r)} patients ({formats.estimate(r)})"),
        " had densitometry, and nobody chose them at random",
    ]
    differ = [
        row
        for row in book.all(analysis="bone_density", statistic="smd", group="densitometry=yes")
        if row.estimate is not None and abs(row.estimate) >= UNBALANCED
    ]
    if differ:
        most = max(differ, key=lambda row: abs(row.estimate or 0))
        parts += [f"; they differ most in {label.inside(most.term)} (SMD ", cell(most), ")"]
    return [*parts, "."]


def _unscored(book: Book, _plan: Mapping[str, Any], label: Labels) -> Sentence:
    rows = [
        row
        for row in book.all(analysis="disability", group="overall", statistic="missing", model="")
        if row.estimate
    ]
    if not rows:
        return []
    most = max(rows, key=lambda row: row.estimate or 0)
    return [
        f"{label(most.term)} is not known of ",
        cell(most),
        " patients, who may differ from the others.",
    ]


def _unknown_places(book: Book, _plan: Mapping[str, Any], _label: Labels) -> Sentence:
    unknown = book.one(analysis="lesions", term="unknown_places")
    if unknown is None or not unknown.estimate:
        return []
    return [
        "Lesions are counted where they were recorded; ",
        cell(unknown),
        " places of patients with lesions were not, and lesions that gave no reason to look are "
        "in no count.",
    ]


def _multiplicity(book: Book, plan: Mapping[str, Any], _label: Labels) -> Sentence:
    tested = {row.analysis for row in book.rows if row.p_value is not None} - {"multiplicity"}
    others = tested & _BESIDE_MODELS
    if not (others if plan["multiplicity"] else tested):
        return []
    whose = "P-values outside the models" if plan["multiplicity"] else "P-values"
    pairs = {row.analysis for row in book.all(statistic="adjusted_p_value")} & others
    but = ", but for those by Holm of pairs of groups" if pairs else ""
    return [
        f"{whose} are not adjusted for their number{but}, and intervals never are: where nothing "
        "differs, of many tests some are small by chance."
    ]


_BESIDE_MODELS = {"describe", "bone_density", "disability", "lesions", "ascertainment", "by_centre"}
"""Analyses with tests of their own, to which no family of the models' tests belongs."""


def _adjusted(book: Book) -> list[Row]:
    """The odds ratios of the primary adjusted model."""
    return book.all(analysis="multivariable", model="primary", statistic="odds_ratio")
