"""Right against left: of lesions, and within patients."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate.lesion_shares import lesion_shares
from calcinosis.estimate.lesions import patients_with, with_lesions
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.student import of_mean
from calcinosis.estimates import CONF_LEVEL, Row, count

SIDES = ("right", "left")
OF_SIDED = "of lesions of sites with two sides"


def side_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Lesions of the right against those of the left.

    Parameters
    ----------
    frame : dataset `lesions`: patient_id, the variable that has lesions, and boolean columns
        `side_<side>_<site>`
    settings : the plan's section: among, two_sided, bootstraps, seed

    Returns
    -------
    rows of analysis `lesions`, none where no site has two sides. `side`: the share of each side, of
    lesions (bootstrap of patients) and of patients with lesions. `site_by_side`, the side as group:
    the same of each site. `side_pattern`: patients with lesions on the right only, the left only,
    both, neither. `sides`, right against left: the odds ratio and McNemar's exact test of who has
    any, the mean difference of the number of lesions, and the sign test of who has more; these are
    of patients whose two sides are known
    """
    among, sites = settings["among"], settings["two_sided"]
    if not sites:
        return []
    have = patients_with(frame, among).sort_values("patient_id")
    found = {side: have[[f"side_{side}_{site}" for site in sites]] for side in SIDES}
    any_of = {side: _any(values) for side, values in found.items()}
    rows = _of_lesions(found, settings)
    for side in SIDES:
        identity: dict[str, Any] = {"unit": with_lesions(among)}
        rows.append(_share(any_of[side], term="side", level=side, **identity))
        for site in sites:
            known = found[side][f"side_{side}_{site}"]
            rows.append(_share(known, group=side, term="site_by_side", level=site, **identity))
    return [*rows, *_patterns(any_of["right"], any_of["left"], among), *_numbers(found)]


def _of_lesions(found: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]) -> list[Row]:
    counts = {side: values.eq(True).fillna(False).to_numpy(float) for side, values in found.items()}
    total = np.asarray(sum(each.sum(axis=1) for each in counts.values()))
    identities = [{"term": "side", "level": side} for side in SIDES]
    identities += [
        {"group": side, "term": "site_by_side", "level": site}
        for side in SIDES
        for site in settings["two_sided"]
    ]
    both = np.column_stack([counts[side].sum(axis=1) for side in SIDES])
    return lesion_shares(
        np.column_stack([both, *(counts[side] for side in SIDES)]),
        total,
        identities,
        unit=OF_SIDED,
        bootstraps=settings["bootstraps"],
        seed=settings["seed"],
    )


def _patterns(right: pd.Series, left: pd.Series, among: str) -> list[Row]:
    """Who has lesions on which side, and the comparison of those who have them on one only."""
    known = right.notna() & left.notna()
    r, l_ = right[known].to_numpy(bool), left[known].to_numpy(bool)
    patterns = {"right_only": r & ~l_, "left_only": ~r & l_, "both": r & l_, "neither": ~r & ~l_}
    numbers = {name: int(who.sum()) for name, who in patterns.items()}
    rows = [
        proportion("lesions", n, len(r), term="side_pattern", level=name, unit=with_lesions(among))
        for name, n in numbers.items()
    ]
    return [*rows, mcnemar_row(numbers["right_only"], numbers["left_only"], len(r))]


def mcnemar_row(right_only: int, left_only: int, n: int) -> Row:
    """McNemar's exact test, with the conditional odds ratio of right against left.

    Parameters
    ----------
    right_only, left_only : patients with lesions on one side only
    n : patients whose two sides are known

    Returns
    -------
    row `odds_ratio` with the exact interval (Clopper and Pearson's of the share of the right among
    those with one side); not estimable, but for its p-value, where nobody has the left only

    References
    ----------
    R: `binom.test(right_only, right_only + left_only)`, whose limits p are odds p / (1 - p).
    """
    discordant = right_only + left_only
    common: dict[str, Any] = {"analysis": "lesions", "statistic": "odds_ratio", "term": "sides"}
    common |= {"level": "right", "reference": "left", "method": "mcnemar_exact", "n": n}
    common |= {"events": discordant}
    if discordant == 0:
        note = "Nobody has lesions on one side only."
        return Row(**common, status="not_estimable", note=note)
    alpha = (1 - CONF_LEVEL) / 2
    p = binomial_p(right_only, discordant)
    if not left_only:
        note = "Nobody has lesions on the left only: the odds ratio has no upper limit."
        return Row(**common, status="not_estimable", p_value=p, note=note)
    low = float(special.betaincinv(right_only, left_only + 1, alpha)) if right_only else 0.0
    high = float(special.betaincinv(right_only + 1, left_only, 1 - alpha))
    return Row(
        **common,
        estimate=right_only / left_only,
        conf_low=low / (1 - low),
        conf_high=high / (1 - high),
        conf_level=CONF_LEVEL,
        p_value=p,
    )


def _numbers(found: Mapping[str, pd.DataFrame]) -> list[Row]:
    """The number of lesions on the right minus that on the left, patient by patient."""
    both = pd.concat(found.values(), axis=1)
    known = both.notna().all(axis=1)
    right, left = (found[side][known].to_numpy(float).sum(axis=1) for side in SIDES)
    more = right - left
    common: dict[str, Any] = {"analysis": "lesions", "term": "sides", "level": "right"}
    common |= {"reference": "left", "n": len(more)}
    on_right, on_left = int((more > 0).sum()), int((more < 0).sum())
    rows = [
        count("lesions", number, term="sides", level=level, unit="patients")
        for level, number in (("more_on_the_right", on_right), ("more_on_the_left", on_left))
    ]
    sign: dict[str, Any] = {**common, "statistic": "sign_test", "method": "binomial_exact"}
    sign |= {"events": on_right + on_left}
    if on_right + on_left == 0:
        note = "Nobody has more lesions on one side."
        rows.append(Row(**sign, status="not_estimable", note=note))
    else:
        share = on_right / (on_right + on_left)
        rows.append(Row(**sign, estimate=share, p_value=binomial_p(on_right, on_right + on_left)))
    return [*rows, _mean_difference(more, common)]


def _mean_difference(more: np.ndarray, common: dict[str, Any]) -> Row:
    identity = {**common, "statistic": "mean_difference", "unit": "lesions of a patient"}
    identity |= {"method": "student_t"}
    found = of_mean(more)
    if found is None:
        note = "Fewer than two patients, or the same difference in all."
        return Row(**identity, status="not_estimable", note=note)
    return Row(**identity, **found.fields())


def binomial_p(successes: int, n: int) -> float:
    """Two-sided exact p-value of a share of one half. R: `binom.test(successes, n)`."""
    fewer = min(successes, n - successes)
    return min(1.0, 2 * float(special.bdtr(fewer, n, 0.5)))


def _any(values: pd.DataFrame) -> pd.Series:
    """Whether any is true; missing where none is and one is not known."""
    some = values.eq(True).fillna(False).any(axis=1)
    return some.astype("boolean").where(some | values.notna().all(axis=1))


def _share(present: pd.Series, **identity: Any) -> Row:
    known = present.dropna()
    return proportion("lesions", int(known.sum()), len(known), **identity)
