"""The whole list, in its order, and what is not there yet."""

import cases_cells
import cases_content
import cases_files
import cases_tables

CASES = sorted(
    (
        case
        for module in (cases_files, cases_tables, cases_cells, cases_content)
        for case in module.CASES
    ),
    key=lambda case: case.number,
)

NOT_YET: dict[str, str] = {}
"""Cases whose behaviour is still to be built: name of the case to the reason."""
