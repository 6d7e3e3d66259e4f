"""Tables of the association study."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Table, cell
from calcinosis.present.lines import bounds, described, of_group, share, summary
from calcinosis.present.words import Book, Labels


def bone_density(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Table]:
    """T-scores and classes by group, and who had densitometry."""
    analysis = "bone_density"
    groups = [r.group for r in book.all(analysis=analysis, term="t_score", statistic="median")]
    shift = book.one(analysis=analysis, term="t_score", statistic="median_difference")
    rows = described(book, analysis, "t_score", groups, label, "median_quartiles")
    if plan["who"]:
        rows += described(book, analysis, "who_class", groups, label, "median_quartiles")
    taken = book.one(analysis=analysis, term="densitometry")
    compared: list[Sequence[Entry]] = [
        [
            "Shift (Hodges–Lehmann)",
            cell(shift, formats.with_interval),
            cell(shift, formats.p_of),
            cell(shift, lambda r: formats.number(r.n or 0, 0)),
        ]
    ]
    notes = []
    if shift:
        first, second = label.group(shift.group), label.group(shift.reference)
        notes = [f"{first.capitalize()} against {second}.", shift.note]
    tables = [
        Table(
            "T-scores of those who had densitometry",
            ("", *(label.group(g).capitalize() for g in groups)),
            [row[:-1] for row in rows],  # these two differ in what the next table tells
            (_OF_THOSE_CLASSED,) if plan["who"] else (),
        ),
        *([_classed(book, label)] if plan["who"] else []),
        Table(
            "Shift of the T-score",
            ("", "Estimate (95% CI)", "p (rank sum)", "n"),
            compared,
            notes,
        ),
    ]
    if plan["selection"]:
        had = ["densitometry=yes", "densitometry=no"]
        lines: list[Sequence[Entry]] = [
            ["Had densitometry", cell(taken, formats.count_percent), "", ""]
        ]
        for variable in plan["selection"]:
            lines += described(book, analysis, variable, had, label, "median_quartiles")
        head = ("", "Had densitometry", "Had not", "SMD")
        tables.append(Table("Who had densitometry and who had not", head, lines))
    return tables


_OF_THOSE_CLASSED = "Classes: shares of those who could be classed."


def _classed(book: Book, label: Labels) -> Table:
    """Whom the WHO classes are meant for, of those who had densitometry."""
    eligible = book.one(analysis="bone_density", term="who_eligible")
    rows: list[Sequence[Entry]] = [["Classed", cell(eligible, formats.count_percent)]]
    for row in book.all(analysis="bone_density", term="who_group"):
        rows.append([f"– {label(row.level)}", cell(row)])
    notes = (
        "The WHO classes are meant for women after the menopause and men of 50 or more. Nobody "
        "else is classed: women before the menopause and men below 50 are judged by Z-scores. "
        "Those of whom it is not known may or may not be meant.",
    )
    return Table("Whom the WHO classes are meant for", ("", "n"), rows, notes)


def disability(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Table]:
    """Scores by group, and their contrasts."""
    rows: list[Sequence[Entry]] = []
    contrasts: list[Sequence[Entry]] = []
    everything = book.all(analysis="disability", group="overall", statistic="median")
    for score in [row.term for row in everything]:
        medians = book.all(analysis="disability", term=score, statistic="median")
        for row in medians:
            rows.append(
                [
                    f"{label(score)}: {label.group(row.group)}",
                    cell(row, lambda r: formats.number(r.n or 0, 0)),
                    summary(book, "disability", score, row.group, "median_quartiles"),
                    summary(book, "disability", score, row.group, "mean_sd"),
                    cell(of_group(book, "disability", score, row.group, "missing")),
                    bounds(book, "disability", score, row.group, "median_quartiles"),
                ]
            )
        for row in book.all(analysis="disability", term=score):
            if row.level:
                contrasts.append(
                    [
                        f"{label(score)} by {label(row.level)}",
                        "Kruskal–Wallis" if row.statistic == "kruskal_wallis" else "shift",
                        cell(row, _contrast),
                        cell(row, formats.p_of),
                    ]
                )
    head = ("", "n", "Median (quartiles)", "Mean (SD)", "Missing", "Median, whatever is missing")
    return [
        Table(
            "Disability and hand function by group",
            head,
            rows,
            (
                "Whatever is missing: between these two lies the median of all patients of the "
                "group, from every missing answer at its best to every one at its worst; empty "
                "where nothing is missing. The other columns are of patients who answered enough "
                "to be scored; where their median lies outside, those who did not differ, or an "
                "aid raises the bound of a category without answers.",
                *([_AIDS[plan["aids"]]] if "haq_di" in plan["scores"] else []),
            ),
        ),
        Table(
            "Contrasts between groups",
            ("", "", "Estimate (95% CI), or statistic", "p"),
            contrasts,
            (
                "Shift: Hodges–Lehmann, with against without; the tests compare ranks, not "
                "medians. Location classes are compared among patients with lesions.",
            ),
        ),
    ]


_AIDS = {
    True: "HAQ-DI: an aid, device or help raises a category to 2.",
    False: "HAQ-DI: aids, devices and help are not counted.",
}


def _contrast(row: Row) -> str:
    if row.statistic != "kruskal_wallis" or row.estimate is None:
        return formats.with_interval(row)
    return f"H = {formats.estimate(row)}, df {formats.number(row.df or 0, 0)}"


def lesions(book: Book, label: Labels) -> list[Table]:
    """Sites and complications with each denominator."""
    rows = book.all(analysis="lesions", term="site")
    units = list(dict.fromkeys(row.unit for row in rows))
    sites = list(dict.fromkeys(row.level for row in rows))
    head = ["Site"]
    for unit in units:
        head += [f"n/N {label(unit)}", "%"]
    table: list[Sequence[Entry]] = []
    for site in sites:
        line: list[Entry] = [label(site).capitalize()]
        for unit in units:
            line += share(book.one(analysis="lesions", term="site", level=site, unit=unit))
        table.append(line)
    made = book.all(analysis="complications")
    complications: list[Sequence[Entry]] = [
        [
            f"{label(row.term).capitalize()}, {row.unit}",
            *share(row, with_limits=True),
        ]
        for row in made
    ]
    return [
        Table(
            "Where lesions are",
            head,
            table,
            ("Lesions of one patient are not independent: their shares have no interval.",),
        ),
        *(
            [
                Table(
                    "Complications",
                    ("", "n/N", "%", "95% CI"),
                    complications,
                    ("Intervals: Wilson.",),
                )
            ]
            if made
            else []
        ),
    ]
