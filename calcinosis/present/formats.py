"""How numbers look; the only place where a number is rounded.

What journals differ in is in `profiles`; `written_for` chooses one for what is made within it.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal

from calcinosis.estimates import Row
from calcinosis.present.profiles import PROFILES, Profile

NOT_ESTIMABLE = "not estimable"
_TWO_DECIMALS = (
    *("smd", "kruskal_wallis", "icc", "trend", "shape", "chi_squared", "gvif", "gvif_scaled"),
    *("kappa", "kappa_linear", "kappa_quadratic", "published_kappa"),
    *("standard_deviation", "cochran_q", "tau_squared", "hosmer_lemeshow"),
    *("calibration_intercept", "calibration_slope", "phi", "trend_test"),
    *("spearman", "pearson", "jonckheere_terpstra", "slope"),
)
_THREE_DECIMALS = ("auc", "brier")
_SHARES = (
    *("proportion", "risk", "reference_risk", "risk_at_least", "risk_at_most"),
    *("predicted_risk", "sensitivity", "i_squared", "fraction_of_missing_information"),
    *("funnel_0.95", "funnel_0.998"),
    "sign_test",
)
_FINE_SCORES = ("shaq_", "sides")
"""Beginnings of the terms whose means, medians and shifts need two decimals, as every HAQ does,
which goes in steps of 0.125: visual scales from 0 to 3, and right minus left, which is small."""


_PROFILE: ContextVar[Profile] = ContextVar("profile", default=PROFILES["plain"])
_LETTER = re.compile(r"(?<![\w−-])p(?=-values?\b|(?![\w-]))")
"""The word p, alone or in p-value."""


@contextmanager
def written_for(name: str) -> Iterator[None]:
    """Write numbers by the rules of a journal, for as long as the context lasts.

    Parameters
    ----------
    name : of the profile, see `profiles.PROFILES`
    """
    token = _PROFILE.set(PROFILES[name])
    try:
        yield
    finally:
        _PROFILE.reset(token)


def profile() -> Profile:
    """The rules by which numbers are written now."""
    return _PROFILE.get()


def number(value: float, decimals: int) -> str:
    """A number with fixed decimals and a true minus sign; halves are rounded away from zero."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    rounded = exact + 0  # turns minus zero into zero
    rules = _PROFILE.get()
    few_digits = abs(rounded) < 10 ** (rules.grouped_from - 1)
    text = f"{rounded:.{decimals}f}" if few_digits else f"{rounded:,.{decimals}f}"
    return marked(text.replace(",", "\u202f"))


def marked(text: str) -> str:
    """A number that was written by others, with our minus sign and decimal mark."""
    return text.replace("-", "−").replace(".", _PROFILE.get().decimal_mark)


def as_given(value: float) -> str:
    """A number of the plan or of an axis, with the digits that it has."""
    return marked(f"{value:g}")


def between(low: str, high: str) -> str:
    """What stands between two limits: ` to `, or what the journal wants."""
    rules = _PROFILE.get()
    return rules.between_signed if "−" in low + high else rules.between


def p_letter(text: str) -> str:
    """A text whose p, alone or in p-value, is the letter that the journal wants."""
    letter = _PROFILE.get().p_letter
    return text if letter == "p" else _LETTER.sub(letter, text)


def percent(share: float) -> str:
    """A share as a percentage with one decimal."""
    return f"{number(100 * share, 1)}%"


def ratio(value: float) -> str:
    """A ratio with two decimals below 10, one below 100, none above; tiny ones with two digits."""
    decimals = _PROFILE.get().ratio_decimals
    if decimals is not None and value >= 0.005:
        return number(value, decimals)
    if 0 < value < 0.095:
        return number(value, 1 - math.floor(math.log10(float(f"{value:.1e}"))))
    return number(value, 2 if value < 9.995 else 1 if value < 99.95 else 0)


def every_digit(value: float | None) -> str:
    """A number as the estimates table holds it."""
    return "" if value is None else f"{value:.10g}"


def p_value(p: float) -> str:
    """A p-value: three decimals below 0.1, two above, `<0.001` below that, or as journals want."""
    rules = _PROFILE.get()
    if p < rules.p_smallest:
        sign, p = "<", rules.p_smallest
    elif p > rules.p_largest:
        sign, p = ">", rules.p_largest
    else:
        sign = ""
    decimals = next((of for bound, of in rules.p_steps if p < bound), rules.p_decimals)
    text = number(p, decimals)
    return sign + (text if rules.p_zero else text.removeprefix("0"))


def p_of(row: Row) -> str:
    """The p-value of a row; nothing where it has none."""
    return "" if row.p_value is None else p_value(row.p_value)


def _one(row: Row, value: float) -> str:
    if row.statistic == "year":
        return f"{value:.0f}"
    if row.statistic in _SHARES:
        return percent(value)
    if row.statistic == "adjusted_p_value":
        return p_value(value)
    if row.statistic in _THREE_DECIMALS:
        return number(value, 3)
    if row.statistic == "risk_difference":
        return number(100 * value, 1)  # in percentage points, as the head of its column says
    if row.statistic in ("count", "missing", "maximum"):
        return number(value, 0)
    if row.statistic in _TWO_DECIMALS:
        return number(value, 2)
    if "_ratio" in row.statistic:
        return ratio(value)
    of_t_scores = row.analysis == "bone_density" or row.term == "t_score"
    if of_t_scores and "difference" in row.statistic:
        return number(value, 2)
    fine = row.term.startswith(_FINE_SCORES) or "haq" in row.term
    return number(value, 2 if fine else 1)


def estimate(row: Row) -> str:
    """The estimate alone."""
    return NOT_ESTIMABLE if row.estimate is None else _one(row, row.estimate)


def interval(row: Row) -> str:
    """The interval alone: `16.2 to 31.4`; where one limit is absent, `up to 3.7`."""
    if row.conf_high is None:
        return ""
    if row.conf_low is None:
        return f"up to {_limit(row, row.conf_high)}"
    low, high = _limit(row, row.conf_low), _limit(row, row.conf_high)
    return f"{low}{between(low, high)}{high}"


def _limit(row: Row, value: float) -> str:
    """A limit; that of a ratio with as many decimals as show on which side of 1 it lies."""
    text = _one(row, value)
    if "_ratio" not in row.statistic or text != number(1, 2) or value == 1:
        return text
    return next((t for d in (3, 4) if (t := number(value, d)) != number(1, d)), text)


def with_interval(row: Row) -> str:
    """Estimate and interval: `22.6 (16.2 to 31.4)`."""
    limits = interval(row)
    return f"{estimate(row)} ({limits})" if limits and row.estimate is not None else estimate(row)


def count_percent(row: Row) -> str:
    """Numerator and percentage: `35 (66.0%)`."""
    return f"{number(row.events or 0, 0)} ({estimate(row)})" if row.n else NOT_ESTIMABLE


def fraction(row: Row) -> str:
    """Numerator and denominator: `35/53`."""
    return f"{number(row.events or 0, 0)}/{number(row.n or 0, 0)}"
