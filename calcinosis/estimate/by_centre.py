"""What each centre contributed: patients, missing values, questions, and the main results."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate import funnel
from calcinosis.estimate.contrasts import hodges_lehmann
from calcinosis.estimate.groups import centres_of
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import CONF_LEVEL, Row, count

ANALYSIS = "by_centre"
LIMITS = {"funnel_0.95": 0.025, "funnel_0.998": 0.001}
"""Statistic of a pair of funnel limits, and the probability beyond each of them: two and three
standard deviations, as in statistical process control."""
_CURVE = 40
"""Numbers of patients at which the figure's limits are drawn."""
_EXPECTED = 5


def by_centre_rows(
    frame: pd.DataFrame, questions: pd.DataFrame, settings: Mapping[str, Any]
) -> list[Row]:
    """Compare the centres.

    Parameters
    ----------
    frame : dataset `by_centre`: patient_id, the centre, the finding, the variables, and the numbers
        and groups of the results
    questions : dataset `by_centre_questions`: the centre, patients, queries; the last line of no
        centre
    settings : the plan's section (variable, finding, variables) and `results`: the numbers that two
        groups are compared by (analysis, score, by)

    Returns
    -------
    rows of analysis `by_centre`
        Of each centre (`group`): `missing_values`, the share of the values of `variables` that are
        missing, and that of each variable; the share of the finding with the funnel limits for as
        many patients; open questions per 100 patients. Of all centres: the same, the test of equal
        shares, and the funnel limits for other numbers of patients (`group` patients=<n>).
        `leave_one_out`: the share of the finding and each result without the centre, and (group
        overall) of all. Patients without a centre are counted and left out.
    """
    variable, finding = settings["variable"], settings["finding"]
    known = frame[frame[variable].notna()].sort_values("patient_id")
    centres = centres_of(known[variable])
    rows = [
        count(ANALYSIS, len(centres), term=variable),
        count(ANALYSIS, len(frame) - len(known), term=variable, level="not_known"),
    ]
    if not centres:
        return rows
    rows += _missing(known, settings["variables"], variable, centres)
    rows += _shares(known, finding, variable, centres)
    rows += _questions(questions, variable)
    return rows + _leave_one_out(known, settings, centres)


def _parts(frame: pd.DataFrame, variable: str, centres: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The patients of all centres, and of each."""
    of_each = {f"{variable}={c}": frame[frame[variable] == c] for c in centres}
    return {"overall": frame, **of_each}


def _missing(
    frame: pd.DataFrame, variables: Sequence[str], variable: str, centres: Sequence[str]
) -> list[Row]:
    rows = []
    for group, part in _parts(frame, variable, centres).items():
        absent = part[list(variables)].isna().sum()
        identity: dict[str, Any] = {"group": group, "term": "missing_values", "unit": "of values"}
        every = len(part) * len(variables)
        rows.append(proportion(ANALYSIS, int(absent.sum()), every, interval=False, **identity))
        for name in variables:
            identity = {"group": group, "term": name, "level": "missing", "unit": "of patients"}
            rows.append(proportion(ANALYSIS, int(absent[name]), len(part), **identity))
    return rows


def _shares(frame: pd.DataFrame, finding: str, variable: str, centres: Sequence[str]) -> list[Row]:
    """The finding in each centre, and what chance allows there."""
    rows, counts = [], {}
    for group, part in _parts(frame, variable, centres).items():
        of = part[finding].dropna()
        counts[group] = int((of == "yes").sum()), len(of)
        identity: dict[str, Any] = {
            "group": group,
            "term": finding,
            "level": "yes",
            "unit": "of patients",
        }
        rows.append(proportion(ANALYSIS, *counts[group], **identity))
    events, patients = counts.pop("overall")
    rows.append(_equal_shares(list(counts.values()), finding))
    if not patients:
        return rows
    share = events / patients
    sizes = {group: n for group, (_, n) in counts.items() if n}
    smallest, largest = min(sizes.values()), max(sizes.values())
    grid = np.unique(np.linspace(max(1, smallest // 2), largest * 1.1, _CURVE).astype(int))
    sizes |= {f"patients={n}": int(n) for n in grid}
    for group, n in sizes.items():
        for statistic, tail in LIMITS.items():
            low, high = funnel.limits(tail, n, share)
            rows.append(
                Row(
                    analysis=ANALYSIS,
                    group=group,
                    term=finding,
                    level="yes",
                    statistic=statistic,
                    method="binomial",
                    estimate=share,
                    conf_low=low,
                    conf_high=high,
                    conf_level=1 - 2 * tail,
                    n=n,
                )
            )
    return rows


def _equal_shares(counts: Sequence[tuple[int, int]], finding: str) -> Row:
    """Pearson's test that all centres have one share."""
    events, patients = (np.array(part, float) for part in zip(*counts, strict=True))
    events, patients = events[patients > 0], patients[patients > 0]
    identity: dict[str, Any] = {
        "analysis": ANALYSIS,
        "term": finding,
        "level": "yes",
        "statistic": "chi_squared",
        "method": "chi_squared",
        "n": int(patients.sum()),
        "events": int(events.sum()),
    }
    if len(patients) < 2 or not 0 < events.sum() < patients.sum():
        note = "Fewer than two centres with patients, or all patients alike."
        return Row(**identity, status="not_estimable", note=note)
    share = events.sum() / patients.sum()
    statistic = ((events - patients * share) ** 2 / (patients * share * (1 - share))).sum()
    few = (patients * min(share, 1 - share)).min() < _EXPECTED
    note = f"Fewer than {_EXPECTED} patients are expected in a cell: the p is approximate."
    return Row(
        **identity,
        estimate=float(statistic),
        df=len(patients) - 1,
        p_value=float(special.chdtrc(len(patients) - 1, statistic)),
        status="warning" if few else "ok",
        note=note if few else "",
    )


def _questions(questions: pd.DataFrame, variable: str) -> list[Row]:
    """Open questions per 100 patients of the export, without interval: patients ask several."""
    of_centres = questions[questions[variable].notna()]
    lines = of_centres.set_index(variable)[["patients", "queries"]]
    groups = {f"{variable}={c}": lines.loc[c] for c in lines.index if lines.loc[c, "patients"]}
    rows = []
    for group, of in {"overall": lines.sum(), **groups}.items():
        patients, queries = int(of["patients"]), int(of["queries"])
        rows.append(
            Row(
                analysis=ANALYSIS,
                group=group,
                term="queries",
                unit="per 100 patients",
                statistic="rate",
                estimate=100 * queries / patients if patients else None,
                n=patients,
                events=queries,
                status="ok" if patients else "not_estimable",
                note="" if patients else "The export has no patients of a known centre.",
            )
        )
    lost = int(questions.loc[questions[variable].isna(), "queries"].sum())
    lost += int(lines.loc[lines["patients"] == 0, "queries"].sum())
    return [*rows, count(ANALYSIS, lost, term="queries", level="of_no_centre")]


def _leave_one_out(
    frame: pd.DataFrame, settings: Mapping[str, Any], centres: Sequence[str]
) -> list[Row]:
    """The main results of all centres, and without each."""
    variable, finding = settings["variable"], settings["finding"]
    rows: list[Row | None] = []
    for centre in ("", *centres):
        rest = frame[frame[variable] != centre]
        of = rest[finding].dropna()
        group = f"{variable}={centre}" if centre else "overall"
        identity: dict[str, Any] = {"model": "leave_one_out", "group": group, "level": "yes"}
        events = int((of == "yes").sum())
        rows.append(proportion(ANALYSIS, events, len(of), term=finding, **identity))
        rows += [_shift(rest, result, group) for result in settings["results"]]
    return [row for row in rows if row is not None]


def _shift(frame: pd.DataFrame, result: Mapping[str, str], group: str) -> Row | None:
    """The shift of a number between two groups; None where the plan has more groups."""
    score, by = frame[result["score"]], frame[result["by"]]
    if len(by.cat.categories) != 2:
        return None
    first, second = (score[by == level].dropna().to_numpy(float) for level in by.cat.categories)
    identity: dict[str, Any] = {
        "analysis": ANALYSIS,
        "model": "leave_one_out",
        "group": group,
        "term": result["score"],
        "level": result["by"],
        "statistic": "median_difference",
        "n": len(first) + len(second),
    }
    if not len(first) or not len(second):
        note = "Fewer than two groups have a known value."
        return Row(**identity, status="not_estimable", note=note)
    shift, low, high, p, method = hodges_lehmann(second, first)
    both = low is not None and high is not None
    return Row(
        **identity,
        method=method,
        estimate=shift,
        conf_low=low,
        conf_high=high,
        conf_level=CONF_LEVEL if both else None,
        p_value=p,
    )
