"""Lines of tables that several chapters share: `present.lines`."""

from calcinosis.estimates import Row
from calcinosis.present.blocks import plain
from calcinosis.present.lines import described
from calcinosis.present.words import Book, Labels


def test_missing_values_are_of_every_group_that_has_a_column():
    rows = [
        Row(analysis="describe", group=group, term="age", statistic=name, estimate=value, n=9)
        for group, missing in (("overall", 5), ("films=fewer", 2), ("films=compared", 3))
        for name, value in (("mean", 50), ("sd", 9), ("missing", missing))
    ]

    def missing(*groups: str) -> str:
        (line,) = described(Book(rows), "describe", "age", groups, Labels({}), "mean_sd")
        return plain(line[-2])

    assert missing("films=fewer", "films=compared") == "2 / 3"
    assert missing("overall", "films=fewer", "films=compared") == "5"
