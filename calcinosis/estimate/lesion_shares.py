"""Shares of lesions, whose intervals come from resamples of patients."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from calcinosis.estimate.patterns import collapse
from calcinosis.estimates import CONF_LEVEL, Row

FEW_PATIENTS = 20
"""Below this the bootstrap's interval is too narrow on average."""


def lesion_shares(
    counts: np.ndarray,
    total: np.ndarray,
    identities: Sequence[Mapping[str, str]],
    *,
    unit: str,
    bootstraps: int,
    seed: int,
    analysis: str = "lesions",
) -> list[Row]:
    """Shares of all lesions, with the percentile interval of a bootstrap of patients.

    Lesions of one patient go together, so that patients and not lesions are drawn with replacement;
    each resample has the lesions of those who were drawn.

    Parameters
    ----------
    counts : lesions of each patient of each kind, shape (patients, kinds)
    total : all lesions of each patient, shape (patients,)
    identities : further text fields of the row of each kind
    unit : of the shares
    bootstraps, seed : how many resamples, and of which random numbers
    analysis : word of the estimates table

    Returns
    -------
    one proportion per kind, `events` over `n` lesions, method `bootstrap_percentile`; without an
    interval where all resamples have the same share, as where no or every lesion is of the kind,
    and with a warning where fewer than 20 patients have lesions

    References
    ----------
    Davison AC, Hinkley DV. Bootstrap methods and their application. Cambridge 1997, sections 2.4
    and 5.3. R: `boot::boot.ci(type = "perc")` over patients.
    """
    n, having = int(total.sum()), int((total > 0).sum())
    common: dict[str, Any] = {"analysis": analysis, "statistic": "proportion", "unit": unit, "n": n}
    common |= {"method": "bootstrap_percentile"}
    if n == 0:
        why = {"status": "not_estimable", "note": "There is no lesion."}
        return [Row(**{**common, **identity, **why}, events=0) for identity in identities]
    drawn = _resampled(np.column_stack([counts, total]).astype(float), bootstraps, seed)
    drawn = drawn[drawn[:, -1] > 0]
    ends = [(1 - CONF_LEVEL) / 2, (1 + CONF_LEVEL) / 2]
    low, high = np.quantile(drawn[:, :-1] / drawn[:, -1:], ends, axis=0)
    few: dict[str, Any] = {}
    if having < FEW_PATIENTS:
        people = f"{having} patient{'s' if having > 1 else ''}"
        few = {
            "status": "warning",
            "note": f"The lesions are of {people}: under {FEW_PATIENTS} the interval is narrow.",
        }
    rows = []
    for i, identity in enumerate(identities):
        events = int(counts[:, i].sum())
        row: dict[str, Any] = {**common, **identity, "estimate": events / n, "events": events}
        if low[i] < high[i]:
            row |= {**few, "conf_low": float(low[i]), "conf_high": float(high[i])}
            rows.append(Row(**row, conf_level=CONF_LEVEL))
        else:
            note = "All resamples of patients have the same share, so that there is no interval."
            rows.append(Row(**row, status="warning", note=note))
    return rows


def _resampled(counts: np.ndarray, bootstraps: int, seed: int) -> np.ndarray:
    """Sums of the columns in each resample of the rows, shape (bootstraps, columns)."""
    # How often rows of each kind are drawn, of which there are few, says all of a resample.
    data = collapse(counts, np.zeros(len(counts)))
    rng, share = np.random.default_rng([seed]), data.trials / len(counts)
    # One after another: kinds may be tens of thousands, and all their numbers gigabytes.
    return np.array([rng.multinomial(len(counts), share) @ data.X for _ in range(bootstraps)])
