"""Proportions of patients with Wilson's interval."""

from calcinosis.estimates import CONF_LEVEL, Row, Z


def wilson(events: float, n: float) -> tuple[float, float]:
    """Wilson's score interval of a proportion.

    Own code, because `scipy.stats` and `statsmodels.stats` take a second to import, which every
    job that only counts would pay.

    Parameters
    ----------
    events, n : numerator and denominator, of which n is at least 1

    Returns
    -------
    lower and upper limit, from 0 to 1

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-12, doi 10.1080/01621459.1927.10502953. R:
    `prop.test(events, n, correct = FALSE)`.
    """
    share = events / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * (share * (1 - share) / n + Z**2 / (4 * n**2)) ** 0.5
    return 0.0 if events == 0 else centre - half, 1.0 if events == n else centre + half


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
        low, high = wilson(events, n)
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
