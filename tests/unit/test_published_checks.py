"""The checks of printed numbers, one by one: what is found, and what is not."""

import json

import numpy as np
import pytest
from builders import ROOT, one, rows_by
from published_files import COUNT, HEAD, entry, levels, rows_of, serious

from calcinosis import printed
from calcinosis.estimate.published import rates, shares
from calcinosis.present import formats

R = json.loads((ROOT / "tests/data/published/reference.json").read_text("utf-8"))


@pytest.mark.parametrize("case", R["rates"], ids=lambda c: f"{c['method']} {c['events']}")
def test_limits_of_rates_against_R(case):
    """`poisson.test(events, time)` and formulas, see `reference.R`."""
    found = rates.INTERVALS[case["method"]](case["events"], case["time"])
    assert found == pytest.approx((case["low"], case["high"]), rel=1e-9)


@pytest.mark.parametrize("case", R["shares"], ids=lambda c: f"{c['method']} {c['events']}")
def test_limits_of_shares_against_R(case):
    """`binom.test`, `prop.test(correct = FALSE)`, and a formula."""
    found = shares.INTERVALS[case["method"]](case["events"], case["n"])
    assert found == pytest.approx((case["low"], case["high"]), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("case", R["implied"], ids=lambda c: str(c["ratio"]))
def test_implied_intervals_against_R(tmp_path, case):
    """`exp(log(ratio) + c(-1, 1) * qnorm(0.975) * abs(log(ratio)) / qnorm(1 - p / 2))`."""
    keys = {"measure": "odds_ratio", "value": str(case["ratio"]), "of": "category"}
    rows = rows_of(tmp_path, entry("x", "ratio", **keys, p=str(case["p"])))
    row = one(rows, model="implied")
    expected = (case["std_error"], case["low"], case["high"])
    assert (row.std_error, row.conf_low, row.conf_high) == pytest.approx(expected, rel=1e-9)


def share(**keys) -> str:
    return entry("x", "share", **keys)


def test_what_our_own_format_prints_of_counts_agrees(tmp_path):
    """For any counts; a percentage that is off by more than its rounding does not."""
    rng = np.random.default_rng(2)
    lines, off = [], []
    for i in range(150):
        n = int(rng.integers(1, 400))
        k = int(rng.integers(0, n + 1))
        text = formats.percent(k / n).removesuffix("%")
        counts = {"events": str(k), "n": str(n)}
        lines.append(entry(f"x{i}", "share", **counts, percent=text))
        wrong = f"{float(text) + (0.2 if float(text) < 50 else -0.2):.1f}"
        off.append(entry(f"y{i}", "share", **counts, percent=wrong))
    found = levels(rows_of(tmp_path, *lines, *off))
    for i in range(150):
        assert found[f"x{i}", "percent_of_count"] == "consistent", lines[i]
        assert found[f"y{i}", "percent_of_count"] == "error", off[i]


@pytest.mark.parametrize(
    ("percent", "n", "level"),
    [
        ("50", "7", "error"),  # 3/7 is 43 %, 4/7 is 57 %
        ("57", "7", "consistent"),
        ("56.1", "120", "error"),  # 67 are 55.8 %, 68 are 56.7 %
        ("56.7", "120", "consistent"),
        ("56", "120", "uninformative"),
        ("56", "100", "uninformative"),
        ("56", "99", "consistent"),
        ("56.1", "1000", "uninformative"),
    ],
)
def test_a_percentage_needs_a_whole_number_of_patients(tmp_path, percent, n, level):
    assert levels(rows_of(tmp_path, share(percent=percent, n=n)))["x", "whole_number"] == level


def test_from_a_hundred_on_every_whole_percentage_has_a_count():
    """That passing says nothing there: by trying all of them."""
    for n in range(100, 130):
        assert all(shares.possible_counts(printed.parse(str(p)), n) for p in range(101))
    assert not all(shares.possible_counts(printed.parse(str(p)), 70) for p in range(101))


@pytest.mark.parametrize(
    "keys",
    [
        {"events": "12", "n": "9"},
        {"events": "0", "n": "0"},
        {"percent": "120", "n": "50"},
    ],
)
def test_impossible_shares(tmp_path, keys):
    assert levels(rows_of(tmp_path, share(**keys)))["x", "impossible_share"] == "error"


def test_a_share_alone_is_silent(tmp_path):
    found = levels(rows_of(tmp_path, share(percent="70", unit="lesions")))
    assert found == {("", "mixed_denominators"): "consistent"}


@pytest.mark.parametrize(
    ("interval", "methods"),
    [
        (["41", "59"], {"wald", "wilson", "exact"}),
        (["41.1", "58.9"], {"wald"}),
        (["41.2", "58.8"], {"wilson"}),
        (["40.7", "59.3"], {"exact"}),
        (["40.0", "59.3"], set()),
    ],
)
def test_which_methods_print_the_interval_of_a_share(tmp_path, interval, methods):
    """60 of 120."""
    rows = rows_of(tmp_path, share(events="60", n="120", percent="50", interval=interval))
    prints = {r.method for r in rows_by(rows, model="interval_methods", statistic="prints")}
    assert prints == methods
    expected = "consistent" if methods else "note"
    assert levels(rows)["x", "interval_methods"] == expected


def test_no_value_lies_outside_of_its_interval(tmp_path):
    keys = {"measure": "odds_ratio", "of": "category"}
    lines = [
        entry("a", "share", events="60", n="120", percent="50", interval=["52", "59"]),
        entry("b", "rate", events="35", rate="22.6", per="100", interval=["23.6", "31.4"]),
        entry("c", "ratio", value="1.8", interval=["2.0", "2.6"], **keys),
        entry("d", "ratio", value="1.8", interval=["0.9", "2.6"], **keys),
    ]
    found = serious(rows_of(tmp_path, *lines))
    outside = {term for (term, check) in found if check == "outside_interval"}
    assert outside == {"a", "b", "c"}


def rate(**keys) -> str:
    return entry("x", "rate", per="100", **keys)


def test_any_interval_that_a_method_prints_is_found_to_be_its_own(tmp_path):
    """With the person-years rounded as papers do."""
    rng = np.random.default_rng(3)
    cases = []
    for i in range(60):
        events, time = int(rng.integers(5, 200)), float(rng.uniform(50, 900))
        method = sorted(rates.INTERVALS)[i % len(rates.INTERVALS)]
        low, high = rates.INTERVALS[method](events, time)
        limits = [formats.number(100 * x, 1) for x in (low, high)]
        value = formats.number(100 * events / time, 1)
        keys = {"events": str(events), "person_years": f"{time:.0f}", "rate": value}
        cases.append((method, entry(f"x{i}", "rate", per="100", **keys, interval=limits)))
    rows = rows_of(tmp_path, *(line for _, line in cases))
    for i, (method, line) in enumerate(cases):
        found = rows_by(rows, model="interval_methods", term=f"x{i}", statistic="prints")
        assert method in {row.method for row in found}, line
        assert levels(rows)[f"x{i}", "rate_of_person_years"] == "consistent", line


@pytest.mark.parametrize(
    ("value", "time", "level"),
    [("22.6", "155", "consistent"), ("22.5", "155", "consistent"), ("22.4", "155", "error")],
)
def test_a_rate_is_events_over_person_years(tmp_path, value, time, level):
    rows = rows_of(tmp_path, rate(events="35", person_years=time, rate=value))
    assert levels(rows)["x", "rate_of_person_years"] == level


@pytest.mark.parametrize(
    ("statistic", "years", "level"),
    [
        ("mean", "2.9", "consistent"),
        ("mean", "3.4", "note"),
        ("median", "3.4", "uninformative"),
        ("median", "29", "error"),
        ("mean", "0.4", "error"),
    ],
)
def test_person_years_are_patients_and_follow_up(tmp_path, statistic, years, level):
    follow_up = entry("years", "summary", statistic=statistic, value=years)
    keys = {"persons": "patients", "follow_up": "years"}
    rows = rows_of(
        tmp_path, COUNT, follow_up, rate(events="35", person_years="155", rate="22.6", **keys)
    )
    assert levels(rows)["x", "follow_up"] == level


@pytest.mark.parametrize(
    "keys",
    [
        {"rate": "0", "events": "0", "person_years": "155", "interval": ["0", "2.4"]},
        {"rate": "0.0", "events": "0", "interval": ["0.0", "2.4"]},
        {"rate": "22.6", "events": "35", "person_years": "0"},
        {"rate": "0", "events": "3", "person_years": "0", "interval": ["0", "0"]},
        {"rate": "1", "events": "1", "person_years": "0.4", "interval": ["-0.1", "5"]},
        {"rate": "5"},
        {"rate": "5", "interval": ["4", "6"]},
    ],
)
def test_rates_of_nothing_are_no_exception(tmp_path, keys):
    for row in rows_of(tmp_path, rate(**keys)):
        assert row.result_id


def test_without_events_the_exact_upper_limit_is_found(tmp_path):
    keys = {"rate": "0", "events": "0", "person_years": "155", "interval": ["0", "2.4"]}
    rows = rows_by(rows_of(tmp_path, rate(**keys)), model="interval_methods", statistic="prints")
    assert {row.method for row in rows} >= {"lognormal", "exact"}


def ratio(**keys) -> str:
    return entry("x", "ratio", measure="odds_ratio", **({"of": "category"} | keys))


@pytest.mark.parametrize(
    ("test", "level"),
    [("wald", "error"), ("not_stated", "note"), ("profile", "uninformative")],
)
def test_an_interval_is_symmetric_about_its_ratio_where_it_is_walds(tmp_path, test, level):
    rows = rows_of(tmp_path, ratio(value="4.2", interval=["2.3", "9.9"], test=test))
    assert levels(rows)["x", "symmetry"] == level


@pytest.mark.parametrize(
    ("value", "interval"),
    [("4.2", ["2.3", "7.9"]), ("3.9", ["2.7", "5.5"]), ("0.1", ["0.0", "0.9"])],
)
def test_rounding_alone_is_no_asymmetry(tmp_path, value, interval):
    rows = rows_of(tmp_path, ratio(value=value, interval=interval, test="wald"))
    assert levels(rows)["x", "symmetry"] == "consistent"


@pytest.mark.parametrize(
    ("p", "test", "level"),
    [
        (".002", "wald", "consistent"),
        ("<0.01", "wald", "consistent"),
        (".2", "wald", "error"),
        (".2", "likelihood_ratio", "uninformative"),
        (".2", "exact", "uninformative"),
        (".2", "profile", "uninformative"),
        (".2", "not_stated", "uninformative"),
    ],
)
def test_a_p_value_is_held_against_the_interval_only_where_both_are_walds(tmp_path, p, test, level):
    rows = rows_of(tmp_path, ratio(value="1.80", interval=["1.24", "2.61"], p=p, test=test))
    assert levels(rows)["x", "p_of_interval"] == level


def test_what_wald_prints_is_never_an_error(tmp_path):
    rng = np.random.default_rng(4)
    lines = []
    for i in range(100):
        log, error = rng.normal(0, 1), rng.uniform(0.05, 1)
        texts = [f"{np.exp(log + z * error):.2f}" for z in (0, -1.959963985, 1.959963985)]
        p = formats.p_value(shares_p(log / error))
        keys = {"value": texts[0], "interval": texts[1:], "p": p, "test": "wald", "of": "category"}
        lines.append(entry(f"x{i}", "ratio", measure="odds_ratio", **keys))
    assert serious(rows_of(tmp_path, *lines)) == {}


def shares_p(z: float) -> float:
    """Written again: both tails of the normal distribution."""
    from statistics import NormalDist

    return 2 * NormalDist().cdf(-abs(z))


@pytest.mark.parametrize(
    "keys",
    [
        {"value": "1.00", "p": "1.00"},
        {"value": "1.3", "p": "<0.001"},
        {"value": "1.3", "p": "0"},
        {"value": "0.0", "p": ".5"},
    ],
)
def test_what_implies_no_interval_is_not_estimable(tmp_path, keys):
    row = one(rows_of(tmp_path, ratio(**keys)), model="implied")
    assert (row.status, row.estimate) == ("not_estimable", None)
    assert row.note


def test_impossible_ratios_and_p_values(tmp_path):
    lines = [
        ratio(value="-1.2"),
        entry("y", "ratio", measure="odds_ratio", value="1.2", of="category", p="1.7"),
    ]
    found = serious(rows_of(tmp_path, *lines))
    assert found["x", "impossible_ratio"] == "error"
    assert found["y", "impossible_p"] == "error"


def test_a_step_that_is_printed_is_no_finding(tmp_path):
    keys = {"value": "1.24", "interval": ["1.02", "1.50"], "of": "number", "per": "10 years"}
    assert serious(rows_of(tmp_path, ratio(**keys))) == {}


@pytest.mark.parametrize(
    ("keys", "check", "level"),
    [
        ({"statistic": "median", "plus_minus": "0.4"}, "plus_minus", "error"),
        ({"statistic": "mean", "plus_minus": "0.4"}, "plus_minus", "consistent"),
        ({"statistic": "median", "quartiles": ["2.1", "3.0"]}, "quartiles", "consistent"),
        ({"statistic": "median", "quartiles": ["3.1", "4.0"]}, "quartiles", "error"),
        ({"statistic": "mean", "range": ["3.1", "4.0"]}, "range", "error"),
    ],
)
def test_a_summary_has_the_form_of_its_statistic(tmp_path, keys, check, level):
    rows = rows_of(tmp_path, entry("x", "summary", value="2.9", **keys))
    assert levels(rows)["x", check] == level


def test_a_mean_may_lie_outside_of_the_quartiles(tmp_path):
    keys = {"statistic": "mean", "value": "9", "quartiles": ["1", "2"]}
    assert serious(rows_of(tmp_path, entry("x", "summary", **keys))) == {}


@pytest.mark.parametrize(
    ("percents", "exhaustive", "level"),
    [
        (("41", "46", "13"), True, "consistent"),
        (("41", "46", "14"), True, "consistent"),  # 101 by rounding
        (("41", "46", "10"), True, "error"),
        (("41", "46", "10"), False, "consistent"),
        (("41", "46", "19"), False, "error"),
    ],
)
def test_parts_that_exclude_each_other_add_up(tmp_path, percents, exhaustive, level):
    names = [f"p{i}" for i in range(len(percents))]
    lines = [entry(name, "share", percent=text) for name, text in zip(names, percents, strict=True)]
    lines.append(entry("x", "parts", parts=names, exclusive=True, exhaustive=exhaustive))
    assert levels(rows_of(tmp_path, *lines))["x", "sum_of_parts"] == level


def test_counts_of_parts_add_up(tmp_path):
    """16, 18 and 5 of 39; 16, 18 and 6 of 39."""
    for last, level in (("5", "consistent"), ("6", "error")):
        counts = zip("abc", ("16", "18", last), strict=True)
        lines = [entry(name, "share", events=text, n="39") for name, text in counts]
        lines.append(entry("x", "parts", parts=list("abc"), exclusive=True, exhaustive=True))
        assert levels(rows_of(tmp_path, *lines))["x", "sum_of_counts"] == level


@pytest.mark.parametrize(
    ("head", "measure", "events", "found"),
    [
        (HEAD, "odds_ratio", "35", {"common_outcome", "events_per_parameter"}),
        (HEAD, "risk_ratio", "35", {"events_per_parameter"}),
        (HEAD.replace("cohort", "cross_sectional"), "odds_ratio", "35", {"events_per_parameter"}),
        (HEAD, "odds_ratio", "3", {"events_per_parameter"}),
    ],
)
def test_notes_on_models(tmp_path, head, measure, events, found):
    progressed = entry("progressed", "share", events=events, among="patients")
    model = entry("x", "model", measure=measure, outcome="progressed", covariates="5")
    rows = rows_of(tmp_path, COUNT, progressed, model, head=head)
    assert {check for (_, check) in serious(rows)} == found


def test_the_order_of_the_file_changes_no_finding(tmp_path):
    lines = [
        COUNT,
        entry("x", "share", events="12", n="35", percent="22.6"),
        entry("y", "ratio", measure="odds_ratio", value="1.24", of="number", p=".029"),
    ]
    assert levels(rows_of(tmp_path, *lines)) == levels(rows_of(tmp_path, *lines[::-1]))
