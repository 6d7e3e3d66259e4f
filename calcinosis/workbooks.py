"""Workbooks for people: every cell a text, the same bytes for the same rows."""

import datetime
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import xlsxwriter

from calcinosis.provenance import digest

CREATED = datetime.datetime(2000, 1, 1)
"""Of every workbook, so that its bytes depend on its content only."""

LONGEST = 32_000
"""Characters of a cell; Excel refuses more than 32 767."""
CUT = " … (cut; see queries.csv)"


def file_name(site: str) -> str:
    """A file name for a site: of a-z, 0-9, `_` and `-` only, and another for each site.

    A site whose name has other characters, or is long, gets a fingerprint of its name behind what
    is left of it; rows without a site are `no_site`.
    """
    if not site:
        return "no_site"
    plain = re.sub(r"[^a-z0-9_-]+", "_", site.lower())[:40].strip("_")
    return plain if plain == site != "no_site" else f"{plain or 'site'}_{digest(site)[:8]}"


def write_workbook(
    path: str | Path,
    rows: Sequence[Mapping[str, str]],
    columns: Mapping[str, int],
    instructions: Sequence[str],
    *,
    fill_in: Collection[str],
) -> None:
    """Write one sheet of rows and one of instructions; every cell is a text.

    Parameters
    ----------
    path : of the `.xlsx` file
    rows : by column
    columns : in order, with the width of each in characters; wide ones are wrapped
    instructions : the lines of the second sheet
    fill_in : columns that the reader fills in
    """
    # In memory: no row waits in a temporary folder that others can read.
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        # The format `@` keeps what a person types as text, too: 007 and 1E5 stay as they are.
        text = book.add_format({"num_format": "@", "valign": "top"})
        wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        head = book.add_format({"bold": True, "bottom": 1})
        yellow = book.add_format({"bold": True, "bottom": 1, "bg_color": "#FFF2CC"})
        sheet = book.add_worksheet("questions")
        for position, (name, width) in enumerate(columns.items()):
            form = wrapped if width >= 30 else text
            sheet.set_column(position, position, width, form)
            sheet.write_string(0, position, name, yellow if name in fill_in else head)
            for line, row in enumerate(rows, start=1):
                sheet.write_string(line, position, _cell(row[name]), form)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        notes = book.add_worksheet("how to answer")
        notes.set_column(0, 0, 100, wrapped)
        for line, instruction in enumerate(instructions):
            notes.write_string(line, 0, instruction, wrapped)


def _cell(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + CUT
