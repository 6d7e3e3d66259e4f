"""Estimates of two runs side by side: what is flagged, and what stands first."""

import csv
import itertools

import pytest

from calcinosis import changes
from calcinosis.estimates import Row
from calcinosis.records import results


def row(statistic="odds_ratio", **facts) -> Row:
    return Row(**({"analysis": "univariable", "model": "primary", "statistic": statistic} | facts))


def ratio(estimate=2.0, low=1.1, high=4.0, p=0.02, **facts) -> Row:
    return row(estimate=estimate, conf_low=low, conf_high=high, p_value=p, **facts)


def flags(old: Row, new: Row) -> tuple[str, ...]:
    (change,) = results.compare([old], [new])
    return change.flags


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (ratio(), ratio(estimate=2.5), ()),
        (ratio(), ratio(estimate=4.2), ("interval",)),
        (ratio(), ratio(estimate=4.0), ()),  # on the limit is within
        (ratio(), ratio(p=0.07), ("threshold",)),
        (ratio(p=0.049), ratio(p=0.05), ("threshold",)),  # below 0.05, not at it
        (ratio(p=0.05), ratio(p=0.2), ()),
        (ratio(low=0.5), ratio(estimate=0.9, low=0.4, high=0.99), ("sign",)),
        (ratio(low=0.5), ratio(estimate=0.9, low=0.4), ()),  # both intervals hold 1
        (ratio(estimate=0.5, low=0.1), ratio(estimate=0.9), ()),  # both below 1
        (ratio(low=0.5), ratio(estimate=1.0), ()),  # on 1 is on neither side
        (ratio(), ratio(estimate=0.9, p=0.5), ("threshold", "interval", "sign")),
        (row("mean_difference", estimate=0.2), row("mean_difference", estimate=-0.1), ("sign",)),
        (row("mean_difference", estimate=0.9), row("mean_difference", estimate=1.1), ()),
        # A limit that is absent is none.
        (ratio(high=None), ratio(estimate=1e9), ()),
        (ratio(high=None), ratio(estimate=1.05), ("interval",)),
        (ratio(low=None), ratio(estimate=0.001), ("sign",)),
        (ratio(low=None, high=None), ratio(estimate=99), ()),
        # Not estimable before, or now, or both.
        (row(status="not_estimable"), ratio(), ("status",)),
        (ratio(), row(status="not_estimable"), ("status",)),
        (row(status="not_estimable"), row(status="not_estimable"), ()),
        (row(status="not_estimable"), row(status="failed"), ("status",)),
        (ratio(), ratio(status="warning"), ("warning",)),
        (ratio(status="warning", p=0.2), ratio(status="ok"), ("threshold", "warning")),
        (ratio(p=None), ratio(p=0.01), ()),  # there was no p to cross from
    ],
)
def test_flags(old, new, expected):
    assert flags(old, new) == expected


def test_what_is_new_or_gone_or_the_same():
    shared, gone, new = row(term="a", estimate=1), row(term="b"), row(term="c")
    found = results.compare([shared, gone], [new, shared])
    assert [(c.kind, c.flags) for c in found] == [
        ("vanished", ("vanished",)),
        ("new", ("new",)),
        ("same", ()),
    ]
    assert [(c.old, c.new) for c in found] == [(gone, None), (None, new), (shared, shared)]


def test_last_digits_of_a_library_are_no_change():
    (change,) = results.compare([ratio(estimate=2.0)], [ratio(estimate=2.0 * (1 + 1e-8))])
    assert change.kind == "same"
    (change,) = results.compare([ratio(n=53)], [ratio(n=54)])
    assert change.kind == "changed"


@pytest.mark.parametrize(
    ("old", "new", "shift"),
    [
        (ratio(2.0, 1.0, 4.0), ratio(3.0), 0.5),
        (ratio(2.0, 1.0, 4.0), ratio(1.5), 0.5),
        (ratio(2.0, 1.0, 4.0), ratio(8.0), 3.0),
        (ratio(2.0, 2.0, 2.0), ratio(8.0), None),  # an interval without width
        (ratio(2.0, 1.0, None), ratio(8.0), None),
        (ratio(2.0, None, None), ratio(8.0), None),
        (row(status="not_estimable"), ratio(8.0), None),
    ],
)
def test_how_far_it_moved(old, new, shift):
    (change,) = results.compare([old], [new])
    assert change.shift == shift


def test_the_important_stands_first_and_the_order_of_the_rows_decides_nothing():
    pairs = {
        "lost": (ratio(), row(status="not_estimable")),
        "crossed": (ratio(), ratio(p=0.2)),
        "left": (ratio(), ratio(estimate=9.0)),
        "left_less": (ratio(), ratio(estimate=5.0)),
        "turned": (ratio(low=0.5), ratio(estimate=0.99)),
        "caution": (ratio(), ratio(status="warning")),
        "moved": (ratio(), ratio(estimate=3.0)),
        "hardly": (ratio(), ratio(estimate=2.1)),
        "same": (ratio(), ratio()),
    }

    def named(order, side):
        return [
            row(**{name: getattr(pairs[term][side], name) for name in FACTS}, term=term)
            for term in order
        ]

    names = list(pairs)
    for order in itertools.islice(itertools.permutations(names), 0, None, 30_000):
        found = results.compare(named(order, 0), named(reversed(order), 1))
        assert [change.item.split("/")[4] for change in found] == names


FACTS = ("estimate", "conf_low", "conf_high", "p_value", "status")


def test_main_models_stand_before_others_of_the_same_flag():
    old = [ratio(model="ml"), ratio()]
    new = [ratio(model="ml", estimate=9, p=0.2), ratio(p=0.2)]
    found = results.compare(old, new)
    assert [c.new.model for c in found] == ["primary", "ml"]


def test_the_flow_stands_in_its_order():
    def flow(*steps):
        return [row("count", analysis="flow", model="", term=t, estimate=n) for t, n in steps]

    found = results.compare(
        flow(("records", 9), ("old_step", 1), ("analysed", 8)),
        flow(("records", 9), ("excluded", 2), ("analysed", 7)),
    )
    assert [c.item.split("/")[4] for c in found] == ["records", "excluded", "analysed", "old_step"]


def test_the_summary_counts_each_analysis_and_all():
    old = [ratio(term="a"), ratio(term="b"), row(term="c"), row("rate", analysis="incidence")]
    new = [ratio(term="a", p=0.5), ratio(term="b"), row("rate", analysis="incidence", n=4)]
    counts = {(c.item, c.kind): c.count for c in results.summary(results.compare(old, new))}
    assert counts == {
        ("", "same"): 1,
        ("", "changed"): 2,
        ("", "flagged"): 1,
        ("", "threshold"): 1,
        ("", "vanished"): 1,
        ("univariable", "same"): 1,
        ("univariable", "changed"): 1,
        ("univariable", "flagged"): 1,
        ("univariable", "threshold"): 1,
        ("univariable", "vanished"): 1,
        ("incidence", "changed"): 1,
    }


def test_no_estimates_at_all():
    assert results.compare([], []) == []
    assert results.summary([]) == []


def test_the_table_of_changes_holds_both_ends(tmp_path):
    found = results.compare([ratio(n=53)], [ratio(estimate=9.5, n=54)])
    found.append(changes.Change(section="records", kind="added", table="patients", count=3))
    changes.write(found, tmp_path / "changes.csv")
    with (tmp_path / "changes.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["change_id"] == f"estimates/{ratio().result_id}"
    assert (first["old"], first["new"], first["flags"]) == ("2", "9.5", "interval")
    assert (first["old_n"], first["new_n"], first["old_conf_high"]) == ("53", "54", "4")
    assert (first["shift"], first["new_status"]) == ("3.75", "ok")
    assert (second["count"], second["old"]) == ("3", "")
    with pytest.raises(ValueError, match="two changes are called"):
        changes.write([found[0], found[0]], tmp_path / "changes.csv")
