"""Limitations follow from the rows and the plan; the checklist links to the chapters there are."""

from dataclasses import replace

import pytest

from calcinosis.estimates import Row
from calcinosis.present import limitations, strobe
from calcinosis.present.blocks import Link, plain
from calcinosis.present.words import Book, Labels, capital

LABEL = Labels({"calcinosis": "calcinosis"})
PLAN = {
    "about": {"simulated": False, "form": "cohort"},
    "report": {"observation": "radiograph", "observations": "radiographs"},
    **dict.fromkeys(("incidence", "severity", "agreement", "risks", "missing_data")),
    **dict.fromkeys(("bone_density", "disability", "lesions", "centres", "by_centre")),
    "multiplicity": {"families": ["multivariable"]},
    "models": {"outcome": "calcinosis", "multivariable": []},
}
MODEL = Row(
    analysis="multivariable",
    model="primary",
    outcome="calcinosis",
    term="age",
    statistic="odds_ratio",
    estimate=1.2,
    n=500,
    events=40,
)
ANALYSED = Row(analysis="flow", term="analysed", statistic="count", estimate=500)


def said(*rows: Row, **plan) -> list[str]:
    made = limitations.paragraphs(Book(rows), PLAN | plan, LABEL)
    return [plain(sentence) for paragraph in made for sentence in paragraph.sentences]


def test_a_large_complete_cohort_with_a_rare_outcome_has_no_limitation_of_its_own():
    assert said(MODEL, ANALYSED) == []


def test_events_are_counted_in_the_smaller_class_for_each_odds_ratio():
    others = [replace(MODEL, term=f"x{i}") for i in range(4)]
    (few,) = said(MODEL, *others, ANALYSED)
    assert few.startswith("The adjusted model is small: calcinosis in 40/500 patients")
    assert len(said(MODEL, *others[:3], ANALYSED)) == 0
    # As many without the outcome as others have with it.
    turned = [replace(row, events=460) for row in (MODEL, *others)]
    assert said(*turned, ANALYSED)[0].startswith("The adjusted model is small")


@pytest.mark.parametrize(
    ("events", "risks", "end"),
    [
        (50, None, None),
        (51, None, "an odds ratio of 2 is not twice the risk."),
        (51, {"bootstraps": 200}, "risk ratios stand beside them."),
    ],
)
def test_a_common_outcome_is_said_above_a_tenth(events, risks, end):
    found = said(replace(MODEL, events=events), ANALYSED, risks=risks)
    assert [text.split("; ")[-1] for text in found] == ([end] if end else [])


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ("pancreatitis after ERCP", "Pancreatitis after ERCP"),
        ("mRSS", "mRSS"),
        ("ACA", "ACA"),
        ("", ""),
    ],
)
def test_a_capital_at_the_start_leaves_abbreviations_as_they_are(words, start):
    assert capital(words) == start


def test_an_outcome_that_holds_an_abbreviation_keeps_it_at_the_start_of_a_sentence():
    label = Labels({"calcinosis": "calcinosis on MRI"})
    made = limitations.paragraphs(Book([replace(MODEL, events=51), ANALYSED]), PLAN, label)
    assert plain(made[0].sentences[0]).startswith("Calcinosis on MRI is common")


def test_patients_whom_the_model_lacks_are_said_with_what_was_done():
    (alone,) = said(replace(MODEL, n=480), ANALYSED)
    assert alone.startswith("The adjusted model is of 480 of 500 patients")
    assert "nothing is imputed" in alone
    (beside,) = said(replace(MODEL, n=480), ANALYSED, missing_data={"imputations": 20})
    assert "imputed stands beside it" in beside


def test_readers_time_and_lost_films_are_said_of_films_only():
    incidence = {"incidence": {"per": 100}, "severity": {"one_film": "exclude"}}
    rows = [
        Row(analysis="incidence", statistic="median", estimate=2.9, term="years"),
        Row(
            analysis="flow",
            term="excluded",
            level="fewer_than_two_films",
            unit="patients",
            statistic="count",
            estimate=5,
        ),
    ]
    time, lost, readers = said(*rows, **incidence)
    assert "median interval is 2.9 years" in time
    assert lost.startswith("5 patients with fewer than two radiographs")
    assert "No radiograph was read twice" in readers


def test_the_selection_for_densitometry_names_the_variable_that_differs_most():
    taken = Row(
        analysis="bone_density",
        term="densitometry",
        statistic="proportion",
        estimate=0.12,
        n=500,
        events=60,
    )
    smds = [
        Row(
            analysis="bone_density",
            group="densitometry=yes",
            reference="densitometry=no",
            term=name,
            statistic="smd",
            estimate=value,
        )
        for name, value in (("age", -0.8), ("sex", 0.3))
    ]
    (text,) = said(taken, *smds)
    assert text.startswith("Only 60/500 patients (12.0%)")
    assert text.endswith("they differ most in age (SMD −0.80).")
    assert said(taken, replace(smds[0], estimate=0.05))[0].endswith("at random.")


@pytest.mark.parametrize(("form", "number"), [("cohort", 1), ("cross_sectional", 2), ("trial", 0)])
def test_what_is_not_adjusted_for_is_said_of_all_but_trials(form, number):
    models = {"outcome": "calcinosis", "multivariable": ["age"]}
    found = said(MODEL, ANALYSED, models=models, about={"simulated": False, "form": form})
    assert len(found) == number
    assert all("may explain a part" in text for text in found[-1:])


def test_chapters_that_ignore_centres_are_named():
    sections = {"disability": {"scores": []}, "lesions": {"sites": {}}}
    assert said(MODEL, ANALYSED, **sections) == []
    (text,) = said(MODEL, ANALYSED, **sections, centres={"variable": "centre"})
    assert text.startswith("The chapters on disability, lesions take patients of one centre as")
    assert text.endswith("may be too narrow.")
    centres = {"centres": {"variable": "centre"}, "by_centre": {"variable": "centre"}}
    assert said(MODEL, ANALYSED, **sections, **centres)[0].endswith("without each centre.")


def with_p(analysis: str, **fields: str) -> Row:
    return Row(analysis=analysis, statistic="median_difference", p_value=0.04, **fields)


def test_a_test_in_twenty_is_below_a_twentieth_only_where_nothing_differs():
    (text,) = said(replace(MODEL, p_value=0.04), ANALYSED, multiplicity=None)
    assert text == (
        "P-values are not adjusted for their number, and intervals never are: where nothing "
        "differs, of many tests some are small by chance."
    )
    # Also of a plan without models, and not where nothing is tested.
    assert said(with_p("disability"), multiplicity=None, models=None) == [text]
    assert said(multiplicity=None) == []


def test_what_a_family_or_pairs_of_groups_adjust_is_told_apart():
    assert said(replace(MODEL, p_value=0.04), ANALYSED) == []
    (text,) = said(with_p("lesions"))
    assert text.startswith("P-values outside the models are not adjusted for their number, and")
    pair = Row(analysis="disability", statistic="adjusted_p_value", estimate=0.1)
    (text,) = said(with_p("disability"), pair, multiplicity=None)
    assert "number, but for those by Holm of pairs of groups, and" in text
    # The family of the models holds adjusted p-values too, which are of no pairs.
    family = replace(pair, analysis="multiplicity")
    assert "Holm" not in said(with_p("disability"), family)[0]


def test_the_checklist_links_to_chapters_that_are_there_and_leaves_the_rest_to_the_authors():
    titles = {"findings": "Key findings", "methods": "Methods", "risks": "Risks"}
    made = strobe.table("cohort", titles)
    where = {str(line[0]): line[2] for line in made.rows}
    assert where["1"] == [Link("Key findings", "findings")]
    assert where["16c"] == [Link("Risks", "risks")]
    assert where["2"] == where["13"] == ["for the authors to write"]
    links = [part for line in where.values() for part in line if isinstance(part, Link)]
    assert {link.chapter for link in links} <= set(titles)
    assert len(made.rows) == 28
