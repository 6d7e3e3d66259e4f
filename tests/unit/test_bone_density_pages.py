"""What the report says of bone density: tables, sentence, methods and figure."""

import re
from dataclasses import replace

import pytest
from builders import BONES, one
from test_bone_density import OF_MODELS, OF_WEIGHTS, STAGES, TestDevices, patients, read

from calcinosis import estimates
from calcinosis.derive import bone_density as derive
from calcinosis.derive.instruments import Z_CLASSES
from calcinosis.estimate.bone_density import bone_density_rows
from calcinosis.plan.bone_density import BoneDensity, Density, Reference, Weighting, WhoClasses
from calcinosis.present import bone_density_methods, bone_density_tables, formats
from calcinosis.present.blocks import Cell, parts_of, plain
from calcinosis.present.figures.bone_density import figure
from calcinosis.present.words import Book, Labels

LABEL = Labels({"t_score": "T-score", "who_class": "WHO class", "calcinosis": "Calcinosis"})
WHO = {"who": WhoClasses(sex="sex", women="female", men="male", age="age")}
MORE = {
    "z_scores": ["z_spine"],
    "device": "scanner",
    "device_note": "two makers",
    "adjust": ["age", "sex"],
    "bootstraps": 200,
    "selection": ["age", "sex", "calcinosis"],
    "weighting": Weighting(variables=["age", "sex"], truncation=0.05, source="a choice"),
}


def section(by: str, **more) -> BoneDensity:
    return BoneDensity(sites=["hip", "spine"], use="lowest", by=by, **WHO, **more)


def rows_of(by: str, *, full: bool) -> list[estimates.Row]:
    groups = read()["who_group"].cat.add_categories("man_below_50")
    groups[:40] = "man_below_50"
    classed = derive.who_class(read()["t_score"], groups)
    frame = patients(
        scanner=TestDevices.SCANNERS,
        centre="a",
        who_group=groups,
        who_class=classed,
        hip=read()["t_score"],
        z_class=derive.z_class(read(), ["t_score"], groups),
    )
    settings = BONES | {"by": by, "sites": ["hip", "spine"], "eligible": ["postmenopausal_woman"]}
    if full:
        settings |= OF_MODELS | OF_WEIGHTS
        settings |= {"z_scores": True, "device": "scanner", "centre": "centre"}
    return bone_density_rows(frame, settings)


def cells(table) -> list[Cell]:
    return [part for part in parts_of(table) if isinstance(part, Cell)]


@pytest.mark.parametrize("by", ["calcinosis", "stage"])
@pytest.mark.parametrize("full", [False, True])
def test_every_table_and_the_figure_hold_for_two_groups_and_more(tmp_path, by, full):
    rows = rows_of(by, full=full)
    plan = section(by, **(MORE if full else {})).model_dump()
    tables = bone_density_tables.tables(Book(rows), plan, LABEL)
    found = {table.caption: table for table in tables}
    assert len(found) == len(tables) == (4 if not full else 10) + (by == "stage")
    assert all(cells(table) for table in tables)
    contrasts = found["Contrasts of the T-score"]
    pairs = 1 if by == "calcinosis" else 6
    assert len(contrasts.rows) == 3 * pairs
    assert ("p (Holm)" in contrasts.head) == (by == "stage")
    estimates.write(rows, tmp_path / "rows.csv")
    drawn = figure(tmp_path / "rows.csv", {})
    names = {row.result_id for row in rows}
    assert {line[0] for line in drawn.data} <= names
    levels = 2 if by == "calcinosis" else len(STAGES.categories)
    assert sum(line[3] == "median" for line in drawn.data) == 3 * levels
    assert any(line[3] == "smd_weighted" for line in drawn.data) == full


def test_the_finding_names_medians_and_the_test_that_compares_them():
    two, four = (
        bone_density_tables.t_scores(Book(rows_of(by, full=False)), LABEL)
        for by in ("calcinosis", "stage")
    )
    words = ["".join(p.text if isinstance(p, Cell) else p for p in said) for said in (two, four)]
    assert re.match(r"Median T-score: no calcinosis −\d\.\d \(n = \d+\); with", words[0])
    assert "; shift −0." in words[0]
    assert words[1].endswith("; Kruskal–Wallis p 0.073.")


def test_the_finding_holds_the_weighted_difference_beside_the_adjusted_one():
    rows = rows_of("calcinosis", full=True)
    found = plain(bone_density_tables.t_scores(Book(rows), LABEL))
    weighted = one(rows, model="weighted", statistic="mean_difference")
    said = f"; weighted to be like everybody {formats.with_interval(weighted)}."
    assert found.endswith(said)
    assert found.index("; adjusted difference") < found.index(said)


def test_a_shift_without_interval_is_not_said_to_have_one():
    rows = [
        replace(r, conf_low=None, conf_high=None) if r.statistic == "median_difference" else r
        for r in rows_of("calcinosis", full=False)
    ]
    assert "95%" not in plain(bone_density_tables.t_scores(Book(rows), LABEL))


def notes_of(caption: str, rows: list[estimates.Row], by: str = "calcinosis") -> list[str]:
    plan = section(by, **MORE).model_dump()
    found = {t.caption: t for t in bone_density_tables.tables(Book(rows), plan, LABEL)}
    return list(found[caption].notes)


def test_an_interval_that_ends_at_0_beside_a_small_p_is_explained():
    rows = rows_of("calcinosis", full=True)
    contrasts = "Contrasts of the T-score"
    assert not any("ends at 0" in note for note in notes_of(contrasts, rows))
    for p, said in ((0.046, 1), (0.051, 0)):
        changed = [
            replace(r, conf_high=0.0, p_value=p) if r.statistic == "median_difference" else r
            for r in rows
        ]
        assert sum("ends at 0" in note for note in notes_of(contrasts, changed)) == said


def test_pairs_of_many_groups_say_what_is_adjusted_and_what_is_not():
    four, two = (
        notes_of("Contrasts of the T-score", rows_of(by, full=True), by)
        for by in ("stage", "calcinosis")
    )
    assert [sum("of each pair alone" in note for note in notes) for notes in (four, two)] == [1, 0]


def test_what_weighting_leaves_apart_is_named_and_the_grouping_is_not():
    caption = "How far those measured are from everybody: standardised differences"

    def with_distance(terms: list[str]) -> list[estimates.Row]:
        return [
            replace(r, estimate=0.1 if r.term in terms else 0.09)
            if (r.model, r.statistic) == ("weighted", "smd")
            else r
            for r in rows_of("calcinosis", full=True)
        ]

    assert len(notes_of(caption, with_distance([]))) == 1
    assert len(notes_of(caption, with_distance(["calcinosis"]))) == 1
    far = notes_of(caption, with_distance(["age", "calcinosis"]))[1]
    assert far.startswith("Still 0.1 or more away after weighting: age.")


@pytest.mark.parametrize("use", ["lowest", "hip"])
def test_the_caption_says_which_t_score_is_compared_and_what_the_lines_are(use):
    plan = section("calcinosis").model_dump() | {"use": use}
    said = bone_density_tables.caption(plan)
    assert ("first the lowest of the sites, which is what is compared" in said) == (use == "lowest")
    assert "lines at −1.0 and −2.5" in said


def test_the_lowest_of_several_sites_is_said_to_depend_on_their_number():
    caption = "T-scores of those who had densitometry"
    assert "were measured in a patient" in notes_of(caption, rows_of("calcinosis", full=True))[0]


def test_z_scores_and_devices_are_told():
    plan = section("calcinosis", **MORE).model_dump()
    rows = rows_of("calcinosis", full=True)
    found = {t.caption: t for t in bone_density_tables.tables(Book(rows), plan, LABEL)}
    heads = [line[0] for line in found["WHO classes"].rows]
    assert [f"– {name.replace('_', ' ')}" in heads for name in Z_CLASSES] == [True, True]
    devices = found["Devices of those who had densitometry"]
    assert "no reference by device" in devices.notes[0]
    assert one(rows, term="devices").status == "warning"
    said = " ".join(
        part for sentence in bone_density_methods.sentences(plan, LABEL) for part in sentence
    )
    for wanted in ("scanner names the scanner", "two makers", "percentiles 5 and 95", "HC3"):
        assert wanted in said
    none = section("calcinosis").model_dump()
    found = bone_density_tables.tables(Book(rows_of("calcinosis", full=False)), none, LABEL)
    assert any("not applicable" in note for table in found for note in table.notes)


class TestPlan:
    def test_the_grouping_is_in_the_weights_only_where_listed(self):
        plan = section("calcinosis", **MORE | {"weighting": Weighting(source="a choice")})
        assert plan.weighting_variables() == ["age", "sex"]

    def test_a_single_site_and_the_one_compared_stand_once(self):
        assert section("calcinosis").compared_beside() == ["hip", "spine"]
        one_of_two = BoneDensity(sites=["hip", "spine"], use="hip", by="x", **WHO)
        assert one_of_two.compared_beside() == ["spine"]
        assert BoneDensity(sites=["hip"], use="lowest", by="x").compared_beside() == []

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"who": None}, "z_scores: who says of whom they are needed"),
            ({"selection": []}, "weighting: variables: 'age'"),
            (
                {"selection": ["calcinosis"], "weighting": Weighting(source="a choice")},
                "weighting needs variables in selection",
            ),
            ({"adjust": ["age", "age"]}, "adjust: 'age' stands twice"),
        ],
    )
    def test_what_does_not_go_together_is_said(self, change, says):
        whole = {"sites": ["hip"], "use": "hip", "by": "calcinosis", **WHO, **MORE}
        with pytest.raises(ValueError, match=says):
            BoneDensity(**(whole | change))

    def test_a_reference_by_device_is_one_of_every_site(self):
        of = {"mean": 0.9, "sd": 0.1}
        by_device = [Reference(**of, when={"scanner": [maker]}) for maker in ("a", "b")]
        whole = {"use": "lowest", "by": "x", "device": "scanner"}
        made = Density(variable="bmd", references=by_device, source="S")
        plain = Density(variable="bmd", references=[Reference(**of)], source="S")
        for sites, densities, expected in (
            (["hip"], {"hip": made}, True),
            (["hip"], {"hip": plain}, False),
            (["hip", "spine"], {"hip": made}, False),
            (["hip"], {}, False),
        ):
            plan = BoneDensity(sites=sites, densities=densities, **whole)
            assert plan.device_has_reference() == expected


def test_a_section_that_failed_is_a_page_without_numbers():
    plan = section("calcinosis", device="scanner").model_dump()
    failed = [estimates.Row(analysis="bone_density", statistic="analysis", status="failed")]
    for table in bone_density_tables.tables(Book(failed), plan, LABEL):
        assert not cells(table)
