"""Numbers as papers print them: a printed number stands for all that round to it.

`22.6` is everything from 22.55 to 22.65, both included, because nobody knows whether halves were
rounded up or to the even digit. Bounds are exact fractions, so that a half is a half.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

_FORM = re.compile(
    r"(?P<sign>[<>]?)\s*(?P<minus>[-−]?)"
    r"(?P<whole>\d{1,3}(?:[,\u202f\u2009 ]\d{3})+|\d*)(?:[.·](?P<decimals>\d+))?"
)
SLACK = 1e-9
"""Relative: what the arithmetic of the machine may be off."""


@dataclass(frozen=True)
class Printed:
    """A printed number and the numbers that it may stand for.

    Parameters
    ----------
    text : as printed
    value : its number
    low, high : the least and greatest number that is printed so; of `<0.001` 0 and 0.001
    decimals : how many are printed
    """

    text: str
    value: Fraction
    low: Fraction
    high: Fraction
    decimals: int

    def may_be(self, number: float | Fraction) -> bool:
        """Whether a number is printed so."""
        return self.overlaps(number, number)

    def overlaps(self, low: float | Fraction, high: float | Fraction) -> bool:
        """Whether some number from `low` to `high` is printed so."""
        slack = SLACK * max(abs(float(self.value)), 1e-6)
        return float(low) <= float(self.high) + slack and float(high) >= float(self.low) - slack


def parse(text: str) -> Printed:
    """Read a printed number.

    Parameters
    ----------
    text : digits with a point (or raised point) for decimals: `22.6`, `.004`, `5,218`, `−1.7`,
        `<0.001`; commas and spaces only between thousands

    Returns
    -------
    Printed

    Raises
    ------
    ValueError
        The text is not a number.
    """
    found = _FORM.fullmatch(text.strip())
    if not found or not (found["whole"] or found["decimals"]):
        raise ValueError(f"'{text}' is not a printed number such as 22.6, .004, 5,218 or <0.001")
    decimals = found["decimals"] or ""
    digits = re.sub(r"\D", "", found["whole"]) + decimals
    value = Fraction(int(digits), 10 ** len(decimals)) * (-1 if found["minus"] else 1)
    half = Fraction(1, 2 * 10 ** len(decimals))
    low, high = value - half, value + half
    if found["sign"] == "<":
        low, high = min(Fraction(0), value), value
    elif found["sign"] == ">":
        low, high = value, max(Fraction(1), value)
    return Printed(text.strip(), value, low, high, len(decimals))


def count(text: str) -> int:
    """Read a printed count.

    Raises
    ------
    ValueError
        The text is not a whole number of 0 or more.
    """
    number = parse(text)
    if number.decimals or number.value < 0 or text.strip()[0] in "<>":
        raise ValueError(f"'{text}' is not a count; write a whole number such as 35 or 5,218")
    return int(number.value)
