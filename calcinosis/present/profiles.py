"""How journals want numbers written: one profile for each, and where its rules come from.

A rule that a journal does not state is that of `plain`; nothing is guessed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """Rules for p-values, decimals, limits of an interval, decimal mark and thousands.

    Parameters
    ----------
    decimal_mark : between units and tenths
    grouped_from : digits of the whole number from which thousands are set apart by a narrow space
    between : what stands between two limits
    between_signed : the same where one of them is negative
    ratio_decimals : of ratios; None: fewer the larger they are, see `formats.ratio`
    p_letter : the letter for a p-value
    p_steps : upper bounds, rising, each with the decimals of the p-values below it
    p_decimals : of those above all bounds
    p_smallest : smaller ones are printed as below it
    p_largest : greater ones are printed as above it
    p_zero : whether a zero stands before the point
    separator : between the cells of a CSV file
    """

    decimal_mark: str = "."
    grouped_from: int = 4
    between: str = " to "
    between_signed: str = " to "
    ratio_decimals: int | None = None
    p_letter: str = "p"
    p_steps: tuple[tuple[float, int], ...] = ((0.0995, 3),)
    p_decimals: int = 2
    p_smallest: float = 0.001
    p_largest: float = 1
    p_zero: bool = True
    separator: str = ","


PROFILES = {
    "plain": Profile(),
    # P-values: Instructions for Table Creation, JAMA Network, 2016 (two decimals, three below .01,
    # then <.001). AMA Manual of Style, 11th edition: no zero before the point of P, which is a
    # capital (19.5); 1.80-2.24 with a hyphen in intervals; a thin space from five digits (17.4.3).
    "jama": Profile(
        grouped_from=5,
        between="-",
        p_letter="P",
        p_steps=((0.01, 3),),
        p_largest=0.99,
        p_zero=False,
    ),
    # Information for Authors, 2026, and Observational studies in The Lancet: formatting
    # guidelines, 2025: midline point; p in two significant figures, four decimals at most, then
    # <0·0001. The dash between limits, and "to" beside a minus, are those of its printed tables.
    "lancet": Profile(
        decimal_mark="·",
        grouped_from=5,
        between="–",
        p_steps=((0.00995, 4), (0.0995, 3)),
        p_smallest=0.0001,
    ),
    # Statistical Reporting Guidelines, Author Center: two decimals above 0.01, three down to
    # 0.001, then <0.001; two decimals for odds ratios and other measures of association.
    "nejm": Profile(ratio_decimals=2, p_letter="P", p_steps=((0.01, 3),)),
    # SI Brochure, 9th edition, 5.4.4: the comma where the language has it, a zero before it,
    # thousands by a space, four digits together. A semicolon keeps two limits apart in every
    # language, and the cells of a CSV file where spreadsheets expect it beside such a comma.
    "decimal_comma": Profile(
        decimal_mark=",", grouped_from=5, between="; ", between_signed="; ", separator=";"
    ),
}
