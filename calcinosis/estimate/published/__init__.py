"""What a paper prints: whether it agrees with itself and with our estimates.

Every check asks whether some numbers that round to the printed ones agree, so that rounding alone
is never a finding.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimate.published import numbers, rates, ratios, shares, studies
from calcinosis.estimate.published.comparison import compared
from calcinosis.estimates import Row


def published_rows(settings: Mapping[str, Any], ours: Sequence[Row]) -> list[Row]:
    """The printed numbers of a paper, what they say about each other, and our estimates beside.

    Parameters
    ----------
    settings : `form` of the study, `simulated` (whether our cohort is made from the paper),
        `numbers` (id to entry, as `calcinosis.plan.published` reads them)
    ours : the estimates of our cohort

    Returns
    -------
    rows of the analysis `published`, told apart by `model`; `term` is the id of the number:

    `printed`
        the number itself, as our own estimates have it: shares from 0 to 1
    `consistency`
        one for each check, named in `level`; `statistic` is `error`, `note`, `consistent` or
        `uninformative`, `estimate` what the other numbers imply, `reference` the id of another
        number that explains an error
    `interval_methods`
        the limits by each method; `statistic` is `prints` or `does_not_print`
    `implied`
        the interval that ratio and p-value imply where none is printed
    `comparison`
        by part of the number in `level` (empty: all of them); `statistic` is `reproduced`,
        `different`, `not_comparable` or, for a simulated cohort, `by_construction`; `estimate` is
        ours in the unit of the paper
    `variants`
        our estimates of the same quantity, of the model in `level`; `prints` or `does_not_print`
    """
    entries = settings["numbers"]
    rows = [row for name, entry in entries.items() for row in numbers.printed_rows(name, entry)]
    for name, entry in entries.items():
        rows += _CHECKS[entry["kind"]](name, entry, entries)
    rows += studies.of_models(entries, settings["form"])
    rows += studies.of_all(entries)
    rows += compared(entries, ours, simulated=settings["simulated"])
    return rows


_CHECKS = {
    "count": lambda *_: [],
    "share": shares.checks,
    "rate": rates.checks,
    "ratio": ratios.checks,
    "summary": studies.of_summary,
    "test": studies.of_test,
    "model": lambda *_: [],
    "parts": shares.of_parts,
}
