"""What the report says of the hand map: caption, finding, and the table of its shares."""

from collections.abc import Mapping, Sequence

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Block, Entry, Picture, Sentence, Table, cell
from calcinosis.present.lines import of_panel, share
from calcinosis.present.words import Book, Labels, capital


def blocks(book: Book, label: Labels, words: Mapping[str, str]) -> list[Block]:
    """The map and the shares of its first two panels; nothing where one region is read.

    Parameters
    ----------
    book : the estimates
    label : labels
    words : finding and observation, as the plan calls them
    """
    first, last, worsened = (of_panel(book, panel) for panel in ("first", "last", "worsened"))
    if not first:
        return []
    grade = label(book.all(analysis="severity", group="first_film")[0].level)
    lowest = f"‘{grade}’"
    picture = Picture(
        "hand_map_figure",
        _caption(first, lowest, words),
        _finding((first, last, worsened), label, words["observation"]),
    )
    return [picture, _affected(book, first, label, lowest, words["observation"])]


def _caption(rows: Sequence[Row], lowest: str, words: Mapping[str, str]) -> Sentence:
    read = sorted((row for row in rows if row.n), key=lambda row: row.n or 0)
    number: Sentence = []
    if read:
        number += [" (n = ", cell(read[0], _number)]
        number += [" to ", cell(read[-1], _number)] if read[0].n != read[-1].n else []
        number += [")"]
    observation = words["observation"]
    sided = any(row.group in ("left", "right") for row in rows)
    lying = (
        "The hands lie palms down, seen from above as on a radiograph: the patient's right hand "
        "(R) is on the right of the page."
        if sided
        else "Right and left are not told apart: one hand, palm down, stands for both."
        if any(row.group == "only" for row in rows)
        else "The sides of this cohort are not called right and left: nothing is drawn on the hand."
    )
    return [
        f"Hand map of {words['finding']}: share of patients whose region is affected (a grade "
        f"above {lowest}) at the first and at the last {observation}, and whose region worsened "
        "between them. Denominator: patients with the region read on both",
        *number,
        f". {lying} Numbers are per cent; all bones of a region have its shade, and one bears its "
        "number. Hatched: no share to show, because nobody has the region read on both or because "
        "it is withheld. Dotted outline: not a region that was read. Regions that cannot be drawn "
        "on the hands are listed below them.",
    ]


def _number(row: Row) -> str:
    return formats.number(row.n or 0, 0)


def _finding(panels: Sequence[Sequence[Row]], label: Labels, observation: str) -> Sentence:
    """The region with the largest share in each panel."""
    parts: Sentence = ["The largest share"]
    names = (f"at the first {observation}", f"at the last {observation}", "that worsened")
    for name, rows in zip(names, panels, strict=True):
        known = [row for row in rows if row.estimate is not None]
        if known:
            most = max(known, key=lambda row: row.estimate or 0)
            parts += [f"{'; ' if parts[1:] else ' '}{name}: {_place(most, label)} ", cell(most)]
    return [*parts, "."] if parts[1:] else []


def _place(row: Row, label: Labels) -> str:
    return " ".join(label(part) for part in (row.group, row.level) if part != "only")


def _affected(
    book: Book, first: Sequence[Row], label: Labels, lowest: str, observation: str
) -> Table:
    """Shares affected by region and side, as the map shows them."""
    sides = list(dict.fromkeys(row.group for row in first))
    films = ("first", "last")
    table: list[Sequence[Entry]] = []
    for region in dict.fromkeys(row.level for row in first):
        line: list[Entry] = [capital(label(region))]
        for side in sides:
            for film in films:
                rows = of_panel(book, film)
                of_place = [r for r in rows if (r.group, r.level) == (side, region)]
                line += share(of_place[0] if of_place else None)
        table.append(line)
    head = ["Region"]
    for side in sides:
        whose = "" if side == "only" else f"{label(side)}, "
        for film in films:
            head += [f"{f'{whose}{film}'.capitalize()}, n/N", "%"]
    caption = (
        f"Patients whose region is affected (a grade above {lowest}) at the first and the last "
        f"{observation}"
    )
    notes = ("The denominator is the patients with the region read on both.",)
    return Table(caption, head, table, notes)
