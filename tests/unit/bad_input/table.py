"""The whole list of bad input in its order."""

import cases_cells
import cases_content
import cases_files
import cases_tables

CASES = sorted(
    [*cases_files.CASES, *cases_tables.CASES, *cases_cells.CASES, *cases_content.CASES],
    key=lambda case: case.number,
)
