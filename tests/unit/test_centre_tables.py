"""What the pages say of centres, validation and multiplicity."""

from dataclasses import replace

from calcinosis.estimates import Row
from calcinosis.present import centre_tables, findings, outcome_tables, validation_tables
from calcinosis.present.blocks import plain
from calcinosis.present.words import Book, Labels

LABEL = Labels({"ulcer": "Ulcer", "sex": "Sex"})


def ratio(analysis: str, model: str, term: str, low: float, high: float, **more) -> Row:
    return Row(
        analysis=analysis,
        model=model,
        term=term,
        level="yes",
        reference="no",
        statistic="odds_ratio",
        estimate=(low * high) ** 0.5,
        conf_low=low,
        conf_high=high,
        p_value=0.04,
        **more,
    )


PRIMARY = [
    ratio("multivariable", "primary", "ulcer", 1.2, 3.0),
    ratio("multivariable", "primary", "sex", 1.1, 4.0),
]
GEE = [
    ratio("multivariable", "gee", "ulcer", 1.1, 3.2, method="bias_reduced_t"),
    ratio("multivariable", "gee", "sex", 0.8, 5.0, method="bias_reduced_t"),
]


def test_the_finding_names_the_method_of_gee_and_which_intervals_include_1():
    said = plain(findings.clustered(Book([*PRIMARY, *GEE]), LABEL))
    assert "Mancl and DeRouen's bias-reduced standard errors, t with centres minus" in said
    assert said.endswith("Ulcer: 1.88 (1.10 to 3.20); Sex: 2.00 (0.80 to 5.00), which includes 1.")
    few = [replace(row, status="warning") for row in GEE]
    said = plain(findings.clustered(Book([*PRIMARY, *few]), LABEL))
    assert said.endswith(
        "which includes 1. Few centres make intervals wide, which is no evidence of no association."
    )


def test_the_table_says_the_same_of_each_model_beside_the_primary_one():
    mixed = [ratio("centres", "random_intercept", "ulcer", 1.2, 3.1)]
    table = centre_tables.clustered(Book([*PRIMARY, *GEE, *mixed]), LABEL)
    assert table is not None
    lines = [[plain(entry) for entry in row] for row in table.rows]
    assert [line[5] for line in lines] == ["excludes", "includes"]
    assert [line[8] for line in lines] == ["excludes", ""]
    assert any("bias-reduced sandwich" in note for note in table.notes)
    assert any("nine points" in note for note in table.notes)


def test_without_such_models_there_is_no_table():
    assert centre_tables.clustered(Book(PRIMARY), LABEL) is None
    assert findings.clustered(Book(PRIMARY), LABEL) == []


def test_a_centre_on_which_a_finding_hangs_is_named():
    rows = [
        ratio("centres", "leave_one_out", "ulcer", 1.2, 3.0),
        ratio("centres", "leave_one_out", "ulcer", 0.9, 3.0, group="centre=kk"),
        ratio("centres", "leave_one_out", "ulcer", 1.1, 3.0, group="centre=ud"),
    ]
    assert plain(centre_tables.left_out(Book(rows), LABEL)) == (
        "Whether the interval includes 1 changes: Ulcer without kk."
    )
    stable = plain(centre_tables.left_out(Book([rows[0], rows[2]]), LABEL))
    assert stable.startswith("No odds ratio's interval")


def test_adjusted_p_values_stand_beside_the_unadjusted_one():
    rows = [
        Row(
            analysis="multiplicity",
            group="univariable",
            term="ulcer",
            statistic="adjusted_p_value",
            method=method,
            estimate=value,
            p_value=0.01,
        )
        for method, value in (("holm", 0.04), ("benjamini_hochberg", 0.02))
    ]
    (table,) = validation_tables.multiplicity(Book(rows), LABEL)
    assert [plain(entry) for entry in table.rows[0]] == ["Ulcer", "0.010", "0.040", "0.020"]


def without_estimate(**more) -> Row:
    row = ratio("centres", "leave_one_out", "ulcer", 1, 1, **more)
    return replace(row, estimate=None, conf_low=None, conf_high=None, status="not_estimable")


def test_a_centre_without_which_there_is_no_estimate_is_named():
    rows = [
        ratio("centres", "leave_one_out", "ulcer", 1.2, 3.0),
        ratio("centres", "leave_one_out", "ulcer", 1.1, 3.0, group="centre=ud"),
        without_estimate(group="centre=kk"),
    ]
    said = plain(centre_tables.left_out(Book(rows), LABEL))
    assert said.startswith("No odds ratio's interval")
    assert said.endswith("The adjusted model has no estimate without kk.")
    assert plain(centre_tables.left_out(Book([rows[0], rows[2]]), LABEL)) == (
        "The adjusted model has no estimate without kk."
    )


def test_where_nothing_is_estimable_no_centre_is_said_to_change_nothing():
    rows = [without_estimate(), without_estimate(group="centre=kk")]
    assert plain(centre_tables.left_out(Book(rows), LABEL)) == (
        "The adjusted model has no estimate that leaving a centre out could change."
    )


def test_an_ordered_outcome_that_failed_has_no_tables():
    failed = Row(analysis="ordinal", statistic="analysis", status="failed", note="x")
    assert outcome_tables.ordinal(Book([failed]), LABEL, "grade") == []
