"""The methods text, from the plan: how each choice that the plan makes was handled."""

from collections.abc import Mapping
from typing import Any

from calcinosis.present import (
    centre_methods,
    formats,
    lesion_methods,
    missing_methods,
    outcome_methods,
    published_tables,
    reader_methods,
    score_methods,
)
from calcinosis.present.blocks import Paragraph, Sentence
from calcinosis.present.lines import source
from calcinosis.present.words import Labels

_COMPARISON = {
    "first_last": "The first {film} of each patient was compared with the last.",
    "consecutive": "Each {film} was compared with what was read before it, each region with its "
    "last reading; a patient's comparisons stop after the first worsening. Worsening by two levels "
    "or more is counted from the first grades over all {films}.",
}
_ONE_FILM = {
    "exclude": "Patients with one {film} cannot be compared; they leave, and the flow counts them."
}
_UNREAD = "A region that was not read is missing, not the best grade"
_GRADE_USES = {
    "paired": "a patient's grade uses the regions that were read on both of the compared {films}.",
    "ignored": "a patient's grade uses the regions that were read on each of the compared {films}.",
}
_OF_WHOLE_FILMS = "a patient's grade is the reader's grade of the whole {film}, not of its regions."
WORSENING = {
    "patient_maximum": "Progression is a rise of the patient's maximum over the regions by one "
    "level or more; worsening of one region below that maximum is not progression.",
    "any_region": "Progression is a rise of any region that was read twice by one level or more.",
    "global_grade": "Progression is a rise of the reader's grade of the whole {film} by one "
    "level or more.",
}
_IMPROVEMENT = {
    "not_progression": "Patients whose {grade} fell count as not progressed.",
    "exclude": "Patients whose {grade} fell are left out.",
}
_READERS = {
    "highest": "Where readers differed on a region, the highest grade counts.",
    "lowest": "Where readers differed on a region, the lowest grade counts.",
    "primary": "Where readers differed on a region, the grade of the primary reader counts; what "
    "only others read takes their highest grade.",
}
_AT_RISK = {
    "at_risk": "Patients whose grades at the start leave no room to worsen count in the headline "
    "and in the models.",
    "not_at_risk": "Patients whose grades at the start leave no room to worsen are left out of the "
    "headline and of the models.",
}
_ESTIMATOR = {
    "maximum_likelihood": "Odds ratios are from logistic regression by maximum likelihood with "
    "{intervals}; where the covariates separate the outcome (linear programme of Konis), or fewer "
    "than {events} patients of the smaller outcome class come to each parameter, {otherwise}.",
    "firth": "Odds ratios are from logistic regression by Firth's penalised likelihood with "
    "profile intervals and penalised likelihood ratio tests.",
}
_OF_ODDS_RATIOS = {
    "wald": "Wald intervals and tests",
    "profile": "intervals of the profile likelihood and likelihood ratio tests",
}
_OVER_BUDGET = {
    "firth": "from Firth's penalised likelihood with profile intervals, in both columns of the "
    "table, which says so and has maximum likelihood beside it",
    "refuse": "separated data are estimated by Firth's penalised likelihood with profile "
    "intervals, and a model over that budget is not fitted",
}
_NO_BASELINE = (
    "The multivariable model does not carry the grade at baseline: who begins with a higher grade "
    "has less room to worsen, so that its odds ratios mix both."
)
_INTERVALS = {
    "midp": "mid-P",
    "byar": "Byar (the textbook form: one event more for the upper limit)",
    "score": "score",
}
_SHAPE = (
    "A Weibull distribution and Turnbull's estimator are given where a tenth of the patients or "
    "more have three {films} before they worsen, or where the ninth decile of the times "
    "from the first {film} is at least twice the first decile; otherwise they are not estimable."
)
_STRATA = (
    "Full-interval rates are compared by the exact conditional method and by Poisson regression, "
    "over a second stratum by that of Mantel and Haenszel; grades also for a trend."
)
_HAZARDS = (
    "Hazard ratios are from the same interval-censored model; a covariate that separates the "
    "outcome has none. Patients with a missing value leave a model."
)
_MARKOV = (
    "Transition intensities are fitted to neighbouring grades, with one common intensity for all "
    "moves back where somebody improved; where a 95% interval is wider than a factor of 20 they "
    "are not estimable, and the counts stand alone."
)
_UNEQUAL = (
    "The models compare whether patients worsened, not how fast: they do not account for how long "
    "and how often each patient was followed, which ends with the last {film}, for whatever reason."
)
_CEILING = (
    "The grade at the start limits by how many levels a patient can worsen, so that its odds ratio "
    "is in part that ceiling."
)


def paragraphs(plan: Mapping[str, Any], label: Labels) -> list[Paragraph]:
    """The methods text of a cohort.

    Parameters
    ----------
    plan : the sections of the plan
    label : labels of variables

    Returns
    -------
    one paragraph per section of the plan that was run
    """
    words = {"film": plan["report"]["observation"], "films": plan["report"]["observations"]}
    found = [_cleaning(plan["cleaning"], label)]
    found += score_methods.derived(plan, label)
    found.append(_eligibility(plan["eligibility"], label))
    severity, readers = plan["severity"], plan["readers"]
    if severity:
        whole_films = severity["worsening"] == "global_grade"
        words["grade"] = f"grade of the whole {words['film']}" if whole_films else "maximum"
        uses = _OF_WHOLE_FILMS if whole_films else _GRADE_USES[severity["unread_regions"]]
        sentences = [
            _COMPARISON[severity["comparison"]],
            _ONE_FILM[severity["one_film"]],
            f"{_UNREAD}; {uses}",
            _READERS[readers["disagreement"]],
            f"Readers blinded: {readers['blinded'].replace('_', ' ')}; order of reading: "
            f"{readers['order'].replace('_', ' ')}.",
            WORSENING[severity["worsening"]],
            _IMPROVEMENT[severity["improvement"]],
            _AT_RISK[severity["worst_grade_at_baseline"]],
        ]
        told: list[Sentence] = [[sentence.format(**words)] for sentence in sentences]
        found.append(told + source(severity["source"]))
    found += reader_methods.paragraphs(plan, label)
    if plan["incidence"]:
        found.append(_incidence(plan["incidence"], words, label))
    if plan["models"]:
        found.append([*_models(plan, label), *centre_methods.of_models(plan["centres"])])
    found += outcome_methods.paragraphs(plan, label)
    found.append(missing_methods.sentences(plan, label))
    found.append([*_validation(plan["validation"]), *_multiplicity(plan["multiplicity"])])
    found += score_methods.analysed(plan, label)
    found.append(lesion_methods.sentences(plan, label))
    found.append(centre_methods.side_by_side(plan["by_centre"], label))
    found.append(published_tables.methods(plan["published"]))
    return [Paragraph(sentences) for sentences in found if sentences]


_PARTIAL = {
    "query": "Dates without a day count as missing.",
    "impute": "Dates without a day are taken as the middle of the days that they may be.",
}


def _cleaning(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    sentences: list[Sentence] = [[_PARTIAL[section["partial_dates"]]]]
    for variables in section["same_person"]:
        named = ", ".join(label(name) for name in variables)
        sentences.append([f"Patients who agree in {named} were asked about."])
    for rule in section["rules"]:
        sentences += [
            [f"Rule {label(rule['id'])} ({rule['severity']}): {_rule(rule, label)}."],
            *source(rule["source"]),
        ]
    return sentences


def _rule(rule: Mapping[str, Any], label: Labels) -> str:
    """What a rule of the plan demands, in words."""
    name = label(rule["variable"])
    where = " and ".join(
        f"{label(condition)} is {' or '.join(map(label, levels))}"
        for condition, levels in rule["when"].items()
    )
    if rule["kind"] == "required":
        return f"{name} is known where {where}"
    if rule["kind"] == "allowed":
        return f"{name} is {' or '.join(map(label, rule['one_of'])) or 'empty'} where {where}"
    if rule["kind"] == "comparison":
        return f"{name} is {rule['operator'].replace('_', ' ')} {label(rule['other'])}"
    parts = " + ".join(map(label, rule["items"]))
    return f"{name} is {parts}, within {formats.as_given(rule['tolerance'])}"


def _validation(section: Mapping[str, Any] | None) -> list[Sentence]:
    if not section:
        return []
    optimism: Sentence = [
        f"Optimism is the mean over {section['bootstraps']} bootstrap resamples (seed "
        f"{section['seed']}) in which the model was fitted anew, by Firth's penalised likelihood "
        "where a resample separated; a level that a resample lacked was predicted as its reference."
    ]
    return [
        [
            "The multivariable model was validated in its own patients: area under the ROC curve "
            "(DeLong), Brier score, calibration. After Firth's fit, risks are predicted with the "
            "intercept fitted anew by maximum likelihood (FLIC)."
        ],
        *([optimism] if section["bootstraps"] else []),
        ["Influence: leverage, and coefficients without each patient by one step (DFBETA)."],
    ]


def _multiplicity(section: Mapping[str, Any] | None) -> list[Sentence]:
    if not section:
        return []
    families = " and of the ".join(section["families"])
    return [
        [
            f"P-values of the covariates of the {families} models were adjusted for their number "
            "by Holm and by Benjamini and Hochberg."
        ]
    ]


def _eligibility(section: Mapping[str, Any], label: Labels) -> list[Sentence]:
    sentences: list[Sentence] = []
    if not section["criteria"]:
        sentences.append(["Every patient of the export is eligible."])
    if section["classification"]:
        sentences.append(
            [
                "The 2013 ACR/EULAR criteria were scored from their items with bounds for missing "
                "ones: met from 9 points with all missing items absent, not met below 9 points "
                "with all present, indeterminate between. Skin thickening that spares "
                "the fingers, or a disorder that explains the findings better, excludes; both must "
                "be known to be absent."
            ]
        )
    for criterion in section["criteria"]:
        sentences.append(
            [
                f"Eligible: {label(criterion['variable'])} {bounds(criterion, label)}; patients "
                f"without a value are {criterion['missing']}d."
            ]
        )
        sentences += source(criterion["source"])
    return sentences


def bounds(criterion: Mapping[str, Any], label: Labels) -> str:
    """Which values of its variable a criterion takes, in words."""
    found = []
    if criterion["at_least"] is not None:
        found.append(f"at least {formats.as_given(criterion['at_least'])}")
    if criterion["below"] is not None:
        found.append(f"below {formats.as_given(criterion['below'])}")
    if criterion["one_of"]:
        levels = [label(level) for level in criterion["one_of"]]
        found.append(" or ".join([", ".join(levels[:-1]), levels[-1]]) if levels[1:] else levels[0])
    return " and ".join(found)


def _incidence(
    section: Mapping[str, Any], words: Mapping[str, str], label: Labels
) -> list[Sentence]:
    further = [_INTERVALS[name] for name in section["intervals"]]
    sentences: list[Sentence] = [
        ["Years are days divided by 365.25."],
        [
            "Full interval: events divided by the sum of all intervals, also of those who "
            "progressed within theirs; intervals log-normal and exact (Garwood)"
            f"{', '.join(['', *further])}, and by jackknife over patients where one has several. "
            "Mid-point: those "
            "who progressed count half of their interval. Interval-censored: a constant rate by "
            "complementary log-log regression with offset log time; it assumes that progression is "
            f"absorbing, that the dates of each {words['film']} do not depend on the state, and "
            "that grades are read without error."
        ],
        [_SHAPE.format(**words)],
    ]
    if section["by"]:
        names = ", ".join(label(name) for name in section["by"])
        sentences.append([f"Strata: {names}. {_STRATA}"])
    if section["covariates"]:
        sentences.append([_HAZARDS])
    sentences.append([_MARKOV])
    if section["competing"]:
        sentences.append([f"Competing events: {section['competing'].rstrip('.')}."])
    sentences.append([f"Headline: {section['headline'].replace('_', ' ')}."])
    return [*sentences, *source(section["source"])]


def _adjusted(section: Mapping[str, Any]) -> set[str]:
    """The variables of the multivariable model."""
    return {section["covariates"][name]["variable"] or name for name in section["multivariable"]}


def _models(plan: Mapping[str, Any], label: Labels) -> list[Sentence]:
    section, severity = plan["models"], plan["severity"]
    together = ", ".join(label(name) for name in section["multivariable"])
    outcome = label(section["outcome"])
    sentences: list[Sentence] = [
        [f"Outcome of the models: {outcome}."],
        [
            _ESTIMATOR[section["estimator"]].format(
                intervals=_OF_ODDS_RATIOS[section["intervals"]],
                events=section["events_per_parameter"],
                otherwise=_OVER_BUDGET[section["over_budget"]],
            )
        ],
        [
            f"Mutually adjusted: {together}. Patients with a missing value leave that model, and "
            "the univariable ones that stand beside it."
        ],
        ["Tests of covariates with several parameters are likelihood ratio tests."],
    ]
    if section["confounders"]:
        names = ", ".join(label(name) for name in section["confounders"])
        sentences.append([f"In the model as confounders: {names}."])
    curves = [label(name) for name, used in section["covariates"].items() if used["spline"]]
    if curves:
        names = ", ".join(curves)
        sentences.append(
            [
                "Restricted cubic splines, knots at Harrell's quantiles of all who have a value: "
                f"{names}."
            ]
        )
    covariates = {used["variable"] or name for name, used in section["covariates"].items()}
    of_films = section["outcome"] in ("progression", "progression_2_levels")
    if of_films and "baseline_grade" not in _adjusted(section):
        sentences.append([_NO_BASELINE])
    if severity:
        sentences.append([_UNEQUAL.format(film=plan["report"]["observation"])])
    if severity and "baseline_grade" in covariates:
        sentences.append([_CEILING])
    return sentences
