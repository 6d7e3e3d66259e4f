"""The hand map: shares by region at two films and between them, each region drawn once."""

import itertools
from collections import defaultdict

import pytest
from builders import ROOT, rows_by
from test_simulated_cohort import HOME, clean

from calcinosis import cohort, estimates, provenance
from calcinosis.derive.progression import compare
from calcinosis.derive.readings import combine_readers
from calcinosis.estimate.places import affected_rows, place_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.ingest import codebook
from calcinosis.present import hand_map as words
from calcinosis.present.blocks import plain
from calcinosis.present.figures import hand_map, hand_shape, hands, style
from calcinosis.present.lines import PANELS
from calcinosis.present.words import Book, Labels

DIGITS = ("thumb", "index", "middle", "ring", "little")
BOTH = ("right", "left")


def share(panel: str, side: str, region: str, events: int, n: int) -> estimates.Row:
    place = {"group": side, "term": "region", "level": region}
    found = dict(PANELS[panel], model="first_last", unit="of patients", **place)
    return proportion(found.pop("analysis"), events, n, **found)


def shares(sides, regions, events: int = 3, n: int = 12) -> list[estimates.Row]:
    places = itertools.product(PANELS, sides, regions)
    return [share(panel, side, region, events, n) for panel, side, region in places]


@pytest.fixture
def draw(tmp_path):
    def drawn(rows, labels=None) -> style.Drawn:
        estimates.write(rows, tmp_path / "rows.csv")
        return hand_map.figure(tmp_path / "rows.csv", labels or {}, "radiograph")

    return drawn


def patches(drawn: style.Drawn, name: str) -> list:
    """The patches of a name."""
    return [p for axes in drawn.figure.axes for p in axes.patches if p.get_gid() == name]


def names(drawn: style.Drawn) -> list[str]:
    return sorted(p.get_gid() for axes in drawn.figure.axes for p in axes.patches if p.get_gid())


def texts(drawn: style.Drawn) -> list[str]:
    of_panels = [t.get_text() for axes in drawn.figure.axes for t in axes.texts]
    return of_panels + [t.get_text() for t in drawn.figure.texts]


@pytest.fixture(scope="module")
def readings():
    return clean(HOME).tables["readings"]


@pytest.fixture(scope="module")
def rows(readings) -> list[estimates.Row]:
    levels = list(readings["grade"].cat.categories)
    how = {"comparison": "first_last", "unread_regions": "paired"}
    grades = combine_readers(readings, "primary", "r1")
    ends = compare(grades, levels, **how, worsening="patient_maximum").first_last_regions
    return [*affected_rows(ends), *place_rows(ends, ends, "first_last")]


def counted(readings) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Panel, side and region to events and n: counted from the readings one by one."""
    by_reader: dict[tuple, dict] = defaultdict(lambda: defaultdict(dict))
    days = defaultdict(set)
    for row in readings.to_dict("records"):
        if isinstance(row["grade"], str):
            code = ["none", "mild", "moderate", "severe"].index(row["grade"])
            place = by_reader[row["patient_id"], row["film_date"]][row["side"], row["region"]]
            place[row["reader"]] = code
            days[row["patient_id"]].add(row["film_date"])
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for patient, dates in days.items():
        if len(dates) < 2:
            continue
        first, last = by_reader[patient, min(dates)], by_reader[patient, max(dates)]
        for place in first.keys() & last.keys():
            before, after = (
                film[place].get("r1", max(film[place].values())) for film in (first, last)
            )
            for panel, true in (
                ("first", before > 0),
                ("last", after > 0),
                ("worsened", after > before),
            ):
                events, n = found.get((panel, *place), (0, 0))
                found[panel, *place] = (events + true, n + 1)
    return found


def test_shares_are_those_counted_from_the_readings_one_by_one(rows, readings):
    expected = counted(readings)
    assert len(expected) == 3 * 2 * 6
    shown = {
        (panel, row.group, row.level): (row.events, row.n)
        for panel, identity in PANELS.items()
        for row in rows_by(rows, **identity, term="region")
    }
    assert shown == expected


def test_every_region_of_the_codebook_is_drawn_once_on_each_hand(rows, draw):
    variables = codebook.read(HOME / "codebook.csv")
    (region,) = [v for v in variables if (v.table, v.name) == ("readings", "region")]
    drawn = draw(rows)
    places = itertools.product(PANELS, ("left", "right"), region.levels)
    assert names(drawn) == sorted("-".join(place) for place in places)
    assert {record[4] for record in drawn.data} == {"on the hand"}
    for axes in drawn.figure.axes[:3]:
        bones = [p for p in axes.patches if p.get_gid()]
        assert len({p.get_path().vertices.tobytes() for p in bones}) == len(region.levels)


def test_the_numbers_on_the_hands_are_the_shares(rows, draw):
    drawn = draw(rows)
    for axes, identity in zip(drawn.figure.axes, PANELS.values(), strict=False):
        found = sorted(t.get_text() for t in axes.texts if t.get_text() not in "LR")
        of_panel = rows_by(rows, **identity, term="region")
        assert found == sorted(str(int(100 * row.estimate + 0.5)) for row in of_panel)
    shown = {record[0]: record[5:] for record in drawn.data}
    assert shown == {
        r.result_id: [r.events, r.n, pytest.approx(r.estimate, abs=1e-9)]
        for r in rows_by(rows, term="region")
    }


def test_the_right_hand_lies_on_the_right_with_thumbs_towards_each_other(draw):
    drawn = draw(shares(BOTH, DIGITS))

    def x(side: str, digit: str) -> float:
        (patch,) = patches(drawn, f"first-{side}-{digit}")
        box = patch.get_window_extent()
        return (box.x0 + box.x1) / 2

    across = [("left", d) for d in reversed(DIGITS)] + [("right", d) for d in DIGITS]
    places = [x(*place) for place in across]
    assert places == sorted(places)
    letters = {t.get_text(): t for t in drawn.figure.axes[0].texts}
    assert letters["L"].get_position()[0] < letters["R"].get_position()[0]


def test_equal_rows_give_equal_bytes(rows, draw, tmp_path):
    made = []
    for run in ("one", "two"):
        paths = [tmp_path / f"{run}.{end}" for end in ("svg", "png", "csv")]
        style.write(draw(rows), *paths)
        made.append([path.read_bytes() for path in paths])
    assert made[0] == made[1]


def test_bones_lie_side_by_side_and_names_of_regions_are_of_bones():
    for bones in hand_shape.REGIONS.values():
        assert bones
        assert set(bones) <= set(hand_shape.BONES)
    single = list(hand_shape.BONES)
    assert hand_shape.placed(single) == {bone: (bone,) for bone in single}
    parts = ["distal_phalanx", "middle_phalanx", "proximal_phalanx", "metacarpal", "carpal"]
    bones = [b for of in hand_shape.placed([*parts, "forearm"]).values() for b in of]
    assert sorted(bones) == sorted(single)
    assert len(hand_shape.REGIONS["middle_phalanx"]) == 4  # a thumb has none
    assert hand_shape.REGIONS["thumb"] == ("thumb_proximal_phalanx", "thumb_distal_phalanx")


def test_what_is_not_of_the_hand_is_listed_with_its_share(draw):
    drawn = draw(shares(BOTH, ["carpal", "elbow"]), {"elbow": "Elbow", "right": "Right"})
    assert texts(drawn).count("Right elbow: 25") == 3
    assert texts(drawn).count("Left elbow: 25") == 3
    shown = {(record[2], record[3]): record[4] for record in drawn.data}
    assert shown["right", "elbow"] == "below the hands"
    assert shown["right", "carpal"] == "on the hand"


def test_a_region_over_smaller_ones_is_listed(draw):
    drawn = draw(shares(["right"], ["hand", "thumb", "index"]))
    assert names(drawn) == sorted(f"{p}-right-{d}" for p in PANELS for d in ("thumb", "index"))
    assert texts(drawn).count("Right hand: 25") == 3


def test_a_side_that_is_neither_is_listed(draw):
    drawn = draw(shares(["right", "dominant"], ["carpal"]))
    assert texts(drawn).count("Dominant carpal: 25") == 3


def test_without_sides_one_hand_stands_for_both(draw):
    drawn = draw(shares(["only"], ["carpal", "metacarpal"]))
    assert names(drawn) == sorted(f"{p}-only-{r}" for p in PANELS for r in ("carpal", "metacarpal"))
    assert not {"L", "R"} & set(texts(drawn))
    assert any("right and left are not told apart" in text for text in texts(drawn))


def test_a_side_without_regions_is_a_whole_hand(draw):
    assert len(names(draw(shares(BOTH, ["only"])))) == 6


@pytest.mark.parametrize(
    ("events", "n", "regions", "keys"),
    [
        (0, 0, ["carpal"], {"no share to show", "not a region that was read"}),
        (1, 9, list(hand_shape.BONES), set()),
    ],
)
def test_what_has_no_share_is_hatched_and_what_was_not_read_is_outlined(
    draw, events, n, regions, keys
):
    drawn = draw(shares(BOTH, regions, events, n))
    assert {bool(p.get_hatch()) for p in patches(drawn, "last-left-carpal")} == {n == 0}
    dotted = [p for axes in drawn.figure.axes for p in axes.patches if p.get_linestyle() == ":"]
    assert bool(dotted) == ("not a region that was read" in keys)
    assert keys == set(texts(drawn)) & {"no share to show", "not a region that was read"}


def test_nothing_to_draw_is_no_crash_and_no_figure_of_the_report(draw):
    assert names(draw([])) == []
    assert words.blocks(Book([]), Labels({}), {"observation": "film"}) == []


def test_shades_darken_steadily_and_numbers_are_legible_on_each():
    shades = [hands._SHADES(i / 20)[:3] for i in range(21)]
    lightness = [116 * hands._luminance(shade) ** (1 / 3) - 16 for shade in shades]
    steps = [a - b for a, b in itertools.pairwise(lightness)]
    assert 0.6 * max(steps) < min(steps)  # of L*: no shade is lost in grey
    assert lightness[0] - lightness[-1] > 70
    best = [max(hands._contrast(ink, s) for ink in (style.INK, "#ffffff")) for s in shades]
    assert min(best) > 3.8


def test_the_caption_names_the_denominator_and_the_sides(rows):
    book = Book(
        [*rows, proportion("severity", 1, 2, group="first_film", term="grade", level="none")]
    )
    picture, table = words.blocks(
        book, Labels({}), {"finding": "hand calcinosis", "observation": "radiograph"}
    )
    caption = plain(picture.caption)
    numbers = sorted(row.n for row in rows_by(rows, outcome="affected_first_film"))
    assert f"read on both (n = {numbers[0]} to {numbers[-1]})" in caption
    assert "right hand (R) is on the right of the page" in caption
    assert plain(picture.finding).startswith("The largest share at the first radiograph: ")
    assert plain(table.rows[0][0]) == "Distal phalanx"
    assert all(len(line) == len(table.head) == 9 for line in table.rows)


def test_the_hand_map_is_of_cohorts_that_are_read_by_region_or_side():
    for name, expected in (("early_ssc", True), ("multicentre", False)):
        found = cohort.facts(str(ROOT / f"cohorts/{name}/cohort.yaml"), provenance.Remembered())
        assert ("hand_map_figure" in found["extra_figures"]) is expected
