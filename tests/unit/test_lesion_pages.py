"""Tables and figures of lesions: each number is a row, and nothing breaks where there is little."""

from dataclasses import replace

import pytest
from builders import rows_by
from test_ascertainment import HOW, NOBODY, found

from calcinosis import estimates
from calcinosis.estimate.ascertainment import ascertainment_rows
from calcinosis.estimate.ascertainment_sensitivity import sensitivity_rows
from calcinosis.estimate.finger_trend import finger_rows
from calcinosis.estimate.lesion_sides import side_rows
from calcinosis.estimate.lesions import complication_rows, lesions_rows
from calcinosis.estimate.site_combinations import OTHERS, combination_rows
from calcinosis.estimates import Row
from calcinosis.present import (
    ascertainment_tables,
    lesion_methods,
    lesion_pattern_tables,
    lesion_tables,
)
from calcinosis.present.blocks import Cell, Paragraph, Table, parts_of, plain
from calcinosis.present.figures import lesion_hand_map, lesions, site_combinations
from calcinosis.present.words import Book, Labels

NO_SIDES = HOW | {"two_sided": [], "sides": []}
FEW = HOW | {"sides": ["right", "left"]}
CASES = {
    "all": (60, FEW),
    "one hand": (60, NO_SIDES),
    "one patient": (1, FEW),
    "nobody": (0, FEW),
    "no ways": (60, FEW | {"ascertainment": {}, "centre": None}),
}
FIGURES = (lesions.figure, lesion_hand_map.figure, site_combinations.figure)


def rows_of(n: int, settings: dict) -> list[Row]:
    frame = found()
    frame = frame[frame["patient_id"].isin(frame["patient_id"].head(n))]
    rows = [
        *(lesions_rows, finger_rows, side_rows, combination_rows, complication_rows),
        *(ascertainment_rows, lambda *given: sensitivity_rows(*given, NOBODY)),
    ]
    return [row for each in rows for row in each(frame, settings)]


def blocks(rows: list[Row], settings: dict) -> list:
    book, label = Book(rows), Labels({"fingers": "fingers and thumbs together"})
    patterns = lesion_pattern_tables
    found = [
        *lesion_tables.per_patient(book, label),
        lesion_tables.where(book, label),
        *patterns.fingers(book, label),
        *patterns.sides(book, label),
        patterns.combinations(book, label),
        patterns.pairs(book, label),
        *lesion_tables.complications(book, label),
        *ascertainment_tables.tables(book, settings, label),
    ]
    return [block for block in found if block]


@pytest.mark.parametrize("case", CASES)
def test_pages_and_figures_are_made_whatever_there_is(tmp_path, case):
    n, settings = CASES[case]
    rows = rows_of(n, settings)
    estimates.write(rows, tmp_path / "rows.csv")
    assert blocks(rows, settings)
    names = {row.result_id for row in rows}
    for draw in FIGURES:
        drawn = draw(tmp_path / "rows.csv", {})
        assert {line[0] for line in drawn.data} <= names


def test_bars_of_all_denominators_have_one_scale(tmp_path):
    estimates.write(rows_of(60, FEW), tmp_path / "rows.csv")
    panels = lesions.figure(tmp_path / "rows.csv", {}).figure.axes
    assert len(panels) == 3
    assert len({panel.get_xlim() for panel in panels}) == 1


def test_all_numbers_of_figures_are_in_tables(tmp_path):
    n, settings = CASES["all"]
    rows = rows_of(n, settings)
    estimates.write(rows, tmp_path / "rows.csv")
    printed = {
        part.result_id
        for block in blocks(rows, settings)
        for part in parts_of(block)
        if isinstance(part, Cell)
    }
    for draw in FIGURES:
        assert {line[0] for line in draw(tmp_path / "rows.csv", {}).data} <= printed


def test_a_failed_part_leaves_the_others():
    n, settings = CASES["all"]
    rows = [row for row in rows_of(n, settings) if row.term not in ("site", "site_group")]
    assert any(
        isinstance(block, Table) for block in lesion_pattern_tables.fingers(Book(rows), Labels({}))
    )


class TestHandMap:
    def patches(self, tmp_path, settings: dict) -> dict[str, tuple]:
        estimates.write(rows_of(60, settings), tmp_path / "rows.csv")
        (axes, *_) = lesion_hand_map.figure(tmp_path / "rows.csv", {}).figure.axes
        return {patch.get_gid(): patch.get_facecolor() for patch in axes.patches if patch.get_gid()}

    def test_each_finger_of_each_hand_is_shaded(self, tmp_path):
        names = {f"lesions-{side}-{f}" for side in ("right", "left") for f in HOW["fingers"]}
        assert set(self.patches(tmp_path, FEW)) == names

    def test_one_hand_stands_for_both_without_sides(self, tmp_path):
        names = {f"lesions-only-{finger}" for finger in HOW["fingers"]}
        assert set(self.patches(tmp_path, NO_SIDES)) == names

    def test_a_larger_share_is_darker(self, tmp_path):
        shades = self.patches(tmp_path, FEW)
        rows = rows_by(rows_of(60, FEW), term="site_by_side", unit="of patients with calcinosis")
        ordered = sorted(rows, key=lambda row: row.estimate)
        light = [sum(shades[f"lesions-{row.group}-{row.level}"][:3]) for row in ordered]
        assert light == sorted(light, reverse=True)


def test_combinations_are_drawn_most_frequent_first_and_the_others_last(tmp_path):
    rows = rows_of(60, FEW)
    estimates.write(rows, tmp_path / "rows.csv")
    drawn = site_combinations.figure(tmp_path / "rows.csv", {})
    combined = [line for line in drawn.data if "/combination/" in line[0]]
    sizes = [events for _, name, events, _ in combined if name != OTHERS]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(events for _, _, events, _ in combined) == 60


def test_results_by_who_counts_name_their_denominators():
    def heads(rows: list[Row]) -> dict[str, list[str]]:
        made = ascertainment_tables.tables(Book(rows), FEW, Labels({}))[-1]
        assert made.caption.startswith("The main results by who counts")
        lines = [[plain(entry) for entry in row] for row in made.rows]
        return {line[0]: line[1:] for line in lines if not line[0].startswith("–")}

    rows = rows_of(60, FEW)
    for name, units in (
        ("Prevalence, of patients", "of patients"),
        ("Sites, of lesions", "of lesions"),
    ):
        numbers = [
            {r.n for r in rows_by(rows, model=m, unit=units, statistic="proportion")}
            for m in ("imaging", "any_way")
        ]
        said = [heads(rows)[name][i] for i in (0, -1)]
        assert said == [f"N = {n}" for (n,) in numbers]
    fewer = [
        replace(r, n=7) if (r.model, r.term, r.level) == ("imaging", "site", "thumb") else r
        for r in rows
    ]
    assert heads(fewer)["Sites, of lesions"][0].startswith("N = 7 to ")


def test_the_trend_and_the_sides_are_told():
    book = Book(rows_of(60, FEW))
    trend = plain(lesion_pattern_tables.trend(book))
    assert "0.73 (0.59 to 0.90)" in trend
    # The odds ratio and the test are of other patients than the change of the share.
    assert "−6.2 (−10.2 to −2.1) percentage points, of 60 patients" in trend
    assert trend.endswith("some but not all affected (n = 48): p <0.001.")
    sides = plain(lesion_pattern_tables.compared(book))
    assert "2.40 (0.79 to 8.70), p 0.14" in sides
    assert "on the left, on average 0.30 (−0.04 to 0.64) a patient" in sides


def test_what_cannot_be_compared_is_told():
    book = Book(rows_of(1, FEW))
    (paragraph,) = [
        b for b in lesion_pattern_tables.sides(book, Labels({})) if isinstance(b, Paragraph)
    ]
    said = plain(paragraph.sentences[0])
    assert "odds ratio of any lesion not estimable. " in said
    assert "p –" not in said
    assert "on average not estimable" not in said
    assert lesion_pattern_tables.trend(Book([])) == []


def test_the_methods_say_what_the_plan_asks():
    section = FEW | {"sites": {"thumb": ["a", "b"], "elbow": ["c"]}, "fingers": ["thumb"]}
    plan = {"lesions": section, "models": {"outcome": "calcinosis"}}
    text = " ".join(plain(s) for s in lesion_methods.sentences(plan, Labels({})))
    assert "thumb 2, elbow 1" in text
    assert "McNemar" in text
    assert "imaging, examination" in text
    assert "the adjusted odds ratios too" in text
    alone = plan | {"lesions": section | {"sides": [], "ascertainment": {}}}
    text = " ".join(plain(s) for s in lesion_methods.sentences(alone, Labels({})))
    assert "McNemar" not in text
    assert "sensitivity" not in text
    assert lesion_methods.sentences({"lesions": None}, Labels({})) == []
