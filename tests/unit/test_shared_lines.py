"""Lines of tables that several chapters share: `present.lines`."""

from calcinosis.estimates import Row
from calcinosis.present.blocks import plain
from calcinosis.present.lines import count_share, described
from calcinosis.present.words import Book, Labels

GROUPS = ("overall", "films=fewer", "films=compared")


def book(missing: tuple[int, int, int]) -> Book:
    return Book(
        Row(analysis="describe", group=group, term="age", statistic=name, estimate=value, n=9)
        for group, unknown in zip(GROUPS, missing, strict=True)
        for name, value in (("mean", 50), ("sd", 9), ("missing", unknown))
    )


def lines(missing: tuple[int, int, int]) -> list[list[str]]:
    found = described(book(missing), "describe", "age", GROUPS, Labels({}), "mean_sd")
    return [[plain(entry) for entry in line] for line in found]


def test_missing_values_are_a_line_with_each_groups_own():
    first, second = lines((5, 2, 3))
    assert first == ["age", "50.0 (9.0)", "50.0 (9.0)", "50.0 (9.0)", ""]
    assert second == ["– missing", "5", "2", "3", ""]


def test_a_complete_variable_has_no_line_of_missing_values():
    assert len(lines((0, 0, 0))) == 1


def test_a_share_has_its_interval_where_asked_for():
    row = Row(
        analysis="describe",
        term="sex",
        level="male",
        statistic="proportion",
        estimate=0.25,
        conf_low=0.1,
        conf_high=0.4,
        n=20,
        events=5,
    )
    assert plain(count_share(row, with_limits=False)) == "5 (25.0%)"
    assert plain(count_share(row, with_limits=True)) == "5 (25.0%) [10.0% to 40.0%]"
