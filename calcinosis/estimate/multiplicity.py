"""P-values of many tests, adjusted for their number, beside the unadjusted ones."""

from collections.abc import Sequence
from dataclasses import replace

from statsmodels.stats.multitest import multipletests

from calcinosis.estimates import Row

METHODS = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}


def adjusted_rows(rows: Sequence[Row], families: Sequence[str]) -> list[Row]:
    """Adjusted p-values of the plan's families of tests.

    Parameters
    ----------
    rows : of the models
    families : analyses whose covariates are tested together: univariable, multivariable

    Returns
    -------
    rows with statistic `adjusted_p_value`: for each family, covariate and method one, whose
    `estimate` is the adjusted and whose `p_value` the unadjusted p-value, `group` names the
    family and `n` its tests; the note names covariates that have none

    References
    ----------
    Holm S. Scand J Stat 1979;6:65-70. Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300,
    doi 10.1111/j.2517-6161.1995.tb02031.x. R: `p.adjust`.
    """
    found = []
    for family in families:
        tested = tests(rows, family)
        p_values = [row.p_value for row in tested]
        note = f"The family: {len(tested)} covariates of the {family} models."
        if without := untested(rows, family):
            names = ", ".join(without).replace("_", " ")
            note += f" Without a test, and not in it: {names}."
        for method, name in METHODS.items():
            adjusted = multipletests(p_values, method=name)[1] if tested else []
            found += [
                replace(
                    row,
                    analysis="multiplicity",
                    group=family,
                    level="",
                    reference="",
                    unit="",
                    statistic="adjusted_p_value",
                    method=method,
                    estimate=float(value),
                    df=None,
                    n=len(tested),
                    events=None,
                    status="ok",
                    note=note,
                )
                for row, value in zip(tested, adjusted, strict=True)
            ]
    return found


def untested(rows: Sequence[Row], family: str) -> list[str]:
    """Covariates of an analysis whose model, or test, has no estimate."""
    there = {row.term for row in tests(rows, family)}
    of_family = [row for row in rows if row.analysis == family and row.model == "primary"]
    return [term for term in dict.fromkeys(r.term for r in of_family) if term not in there]


def tests(rows: Sequence[Row], family: str) -> list[Row]:
    """One test of each covariate of an analysis: the likelihood ratio test of all its columns."""
    return [
        row
        for row in rows
        if row.analysis == family
        and row.model == "primary"
        and row.statistic == "chi_squared"
        and not row.level
        and row.p_value is not None
    ]
