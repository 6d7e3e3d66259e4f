"""Proportions of patients with Wilson's interval."""

from scipy.stats import binomtest

from calcinosis.estimates import Row

CONF_LEVEL = 0.95


def proportion(
    analysis: str, events: int, n: int, *, interval: bool = True, **identity: str
) -> Row:
    """A proportion of patients, with Wilson's interval.

    Parameters
    ----------
    analysis : word of the estimates table
    events, n : numerator and denominator
    interval : False for shares that are not of independent patients (regions, films)
    identity : further text fields of the row

    Returns
    -------
    Row
        `estimate` from 0 to 1; `not_estimable` when nobody is in the denominator.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-12, doi 10.1080/01621459.1927.10502953. R:
    `prop.test(events, n, correct = FALSE)`.
    """
    method = "wilson" if interval else ""
    if n == 0:
        return Row(
            analysis=analysis,
            statistic="proportion",
            n=0,
            events=events,
            method=method,
            status="not_estimable",
            note="Nobody is in the denominator.",
            **identity,  # type: ignore[arg-type]
        )
    low = high = None
    if interval:
        low, high = binomtest(events, n).proportion_ci(CONF_LEVEL, method="wilson")
    return Row(
        analysis=analysis,
        statistic="proportion",
        estimate=events / n,
        conf_low=low,
        conf_high=high,
        conf_level=CONF_LEVEL if interval else None,
        n=n,
        events=events,
        method=method,
        **identity,  # type: ignore[arg-type]
    )
