"""Tests of whether a variable differs between groups, each named in its row.

`scipy.stats` is imported by the functions that need it: it takes longer to import than table 1 to
compute, and most plans have no tests.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, gammaln

from calcinosis.estimate.groups import EXACT_BELOW
from calcinosis.estimates import Row

EXPECTED = 5
"""Chi-squared is used where every cell is expected to hold as many (Cochran 1954)."""
MOST_TABLES = 200_000
"""Up to so many tables with the same margins are enumerated; beyond, tables are drawn."""
DRAWN = 99_999
_SAME = 1 + 1e-7
"""Two tables are equally probable within rounding; R's `fisher.test` takes the same factor."""


def test_row(values: pd.Series, by: pd.Series, summary: str, seed: int) -> Row:
    """The test of one variable of table 1.

    Numbers that are summarised by means are compared by Welch's t, or by Welch's analysis of
    variance in more than two groups; those summarised by medians by rank sums (exact where both
    groups have fewer than 50 values and none ties), or by Kruskal-Wallis. Categories are compared
    by Pearson's chi-squared without continuity correction where at least 5 patients are expected
    in every cell, otherwise by Fisher's exact test as Freeman and Halton extended it.

    Parameters
    ----------
    values : numbers, or a category
    by : the groups, a category
    summary : mean_sd or median_quartiles; of no meaning for a category
    seed : of the tables that are drawn where there are too many to enumerate

    Returns
    -------
    row `group_test` of analysis `describe`, its `method` the test; groups and levels that nobody
    has are left out, and with fewer than two it is not estimable

    References
    ----------
    Freeman GH, Halton JH. Biometrika 1951;38:141-9, doi 10.1093/biomet/38.1-2.141. R: `t.test`,
    `oneway.test`, `wilcox.test`, `kruskal.test`, `chisq.test(correct = FALSE)`, `fisher.test`.
    """
    known = values.notna() & by.notna()
    values, by = values[known], by[known]
    if isinstance(values.dtype, pd.CategoricalDtype):
        found = category_test(pd.crosstab(values, by).to_numpy(), seed)
    else:
        groups = [values[by == level].to_numpy(float) for level in by.cat.categories]
        found = _of_numbers([group for group in groups if len(group)], summary)
    term, number = str(values.name), len(values)
    return Row(analysis="describe", term=term, statistic="group_test", n=number, **found)


def exact_row(analysis: str, values: pd.Series, by: pd.Series, seed: int) -> Row:
    """Fisher's exact test of a category between groups, however many patients are expected.

    Parameters
    ----------
    analysis : word of the estimates table
    values : a category
    by : the groups, a category
    seed : of the tables that are drawn where there are too many to enumerate

    Returns
    -------
    row `group_test`; groups and levels that nobody has are left out, and with fewer than two it is
    not estimable

    References
    ----------
    As of `test_row`. R: `fisher.test`.
    """
    known = values.notna() & by.notna()
    table = _filled(pd.crosstab(values[known], by[known]).to_numpy())
    found = _none("fisher_exact", _FEWER)
    if min(table.shape, default=0) > 1:
        found = _exact(table, seed)
    term, number = str(values.name), int(known.sum())
    return Row(analysis=analysis, term=term, statistic="group_test", n=number, **found)


def _of_numbers(groups: list[np.ndarray], summary: str) -> dict[str, Any]:
    from scipy import stats

    means, two = summary == "mean_sd", len(groups) <= 2
    method = ("welch_t" if two else "welch_anova") if means else "rank_sum"
    method = method if means or two else "kruskal_wallis"
    if len(groups) < 2:
        return _none(method, "Fewer than two groups have a known value.")
    if np.ptp(np.concatenate(groups)) == 0:
        return _none(method, "All known values are equal.")
    if means and any(len(group) < 2 or np.ptp(group) == 0 for group in groups):
        return _none(method, "In one of the groups nothing varies, so that it has no variance.")
    if means and two:
        test = stats.ttest_ind(*groups, equal_var=False)
        return _found(method, test.statistic, test.pvalue, df=float(test.df))
    if means:
        test = stats.f_oneway(*groups, equal_var=False)
        return _found(method, test.statistic, test.pvalue)
    if not two:
        test = stats.kruskal(*groups)
        return _found(method, test.statistic, test.pvalue, df=len(groups) - 1)
    tied = len(np.unique(np.concatenate(groups))) < sum(map(len, groups))
    exact = not tied and max(map(len, groups)) < EXACT_BELOW
    test = stats.mannwhitneyu(*groups, method="exact" if exact else "asymptotic")
    return _found("rank_sum_exact" if exact else method, test.statistic, test.pvalue)


def category_test(table: np.ndarray, seed: int, draws: int = DRAWN) -> dict[str, Any]:
    """Pearson's test of a table, or Fisher's where fewer than 5 are expected in a cell.

    Parameters
    ----------
    table : counts, shape (r, c)
    seed, draws : of the tables that are drawn where there are too many to enumerate

    Returns
    -------
    the fields of a row: method, estimate and df (of chi-squared), p_value, note; not estimable
    where fewer than two rows or columns have anybody

    References
    ----------
    As of `test_row`.
    """
    table = _filled(table)
    if min(table.shape, default=0) < 2:
        return _none("chi_squared", _FEWER)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    if expected.min() >= EXPECTED:
        statistic = float((np.square(table - expected) / expected).sum())
        df = (table.shape[0] - 1) * (table.shape[1] - 1)
        return _found("chi_squared", statistic, chdtrc(df, statistic), df=df)
    return _exact(table, seed, draws)


_FEWER = "Fewer than two groups or two levels have anybody."


def _filled(table: np.ndarray) -> np.ndarray:
    """Without rows and columns that nobody is in."""
    return table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]


def _exact(table: np.ndarray, seed: int, draws: int = DRAWN) -> dict[str, Any]:
    p = enumerated(table)
    if p is not None:
        return _found("fisher_exact", None, p)
    p, error = drawn(table, seed, draws)
    note = (
        f"Monte Carlo from {draws + 1} tables with seed {seed}: too many tables have these margins "
        f"to enumerate them; the standard error of the p-value is {error:.1g}."
    )
    return _found("fisher_monte_carlo", None, p, note=note)


def enumerated(table: np.ndarray, most: int = MOST_TABLES) -> float | None:
    """P-value of Fisher's exact test of an r x c table: all tables with its margins.

    Parameters
    ----------
    table : counts, shape (r, c)
    most : number of tables beyond which None is returned

    Returns
    -------
    the probability of a table with these margins that is no more probable than this one
    """
    table = table if table.shape[0] >= table.shape[1] else table.T
    left, cells = table.sum(axis=1)[None, :], np.zeros(1)
    # Column by column and within it cell by cell: what a cell can hold multiplies the tables.
    for total in table.sum(axis=0)[:-1]:
        need = np.full(len(left), total)
        for i in range(table.shape[0]):
            low = np.maximum(0, need - left[:, i + 1 :].sum(axis=1))
            choices = np.minimum(left[:, i], need) - low + 1
            if choices.sum() > most:
                return None
            of = np.repeat(np.arange(len(left)), choices)
            before = np.repeat(choices.cumsum() - choices, choices)
            cell = low[of] + np.arange(len(of)) - before
            left, cells, need = left[of], cells[of] - gammaln(cell + 1), need[of] - cell
            left[:, i] -= cell
    cells -= gammaln(left + 1).sum(axis=1)  # the last column holds what is left
    chances = np.exp(cells - cells.max())
    this = np.exp(-gammaln(table + 1).sum() - cells.max())
    return float(min(1.0, chances[chances <= this * _SAME].sum() / chances.sum()))


def drawn(table: np.ndarray, seed: int, draws: int = DRAWN) -> tuple[float, float]:
    """P-value of the same test from random tables with these margins, and its standard error.

    Parameters
    ----------
    table : counts, shape (r, c)
    seed : of the random numbers
    draws : how many tables

    References
    ----------
    R: `fisher.test(simulate.p.value = TRUE)`. Patefield WM. Applied Statistics 1981;30:91-7, doi
    10.2307/2346669.
    """
    rng, rows = np.random.default_rng([seed]), table.sum(axis=1)
    if table.shape[1] == 2:  # one column says all of a table, and needs no `scipy.stats`
        second = rng.multivariate_hypergeometric(rows, int(table[:, 1].sum()), size=draws)
        tables = np.stack([rows - second, second], axis=2)
    else:
        from scipy import stats

        tables = stats.random_table(rows, table.sum(axis=0)).rvs(draws, random_state=rng)
    logs = gammaln(np.arange(1, int(rows.max()) + 2))  # of the factorials, looked up by count
    cells = -logs[tables].sum(axis=(1, 2))
    p = (1 + (cells <= -logs[table].sum() + np.log(_SAME)).sum()) / (1 + draws)
    return float(p), float((p * (1 - p) / (1 + draws)) ** 0.5)


def _found(method: str, statistic: Any, p: Any, **more: Any) -> dict[str, Any]:
    estimate = None if statistic is None else float(statistic)
    return {"method": method, "estimate": estimate, "p_value": float(p), **more}


def _none(method: str, note: str) -> dict[str, Any]:
    return {"method": method, "status": "not_estimable", "note": note}
