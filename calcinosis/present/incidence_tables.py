"""Tables of the incidence of progression."""

from collections.abc import Sequence

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Block, Entry, Paragraph, Part, Sentence, Table, cell, span
from calcinosis.present.lines import share
from calcinosis.present.words import Book, Labels, capital

_RATES = {
    "full_interval": "Full interval",
    "midpoint": "Mid-point of the interval",
    "interval_censored": "Interval-censored, constant rate",
}
_INTERVALS = {
    "lognormal": "log-normal",
    "exact": "exact",
    "midp": "mid-P",
    "byar": "Byar",
    "score": "score",
    "jackknife": "jackknife over patients",
    "wald": "Wald, log scale",
    "profile": "profile",
}
AT_RISK, FIRST_LAST = "_at_risk", "_first_last"


def rates(book: Book, comparison: str, observation: str) -> Table:
    """The share that progressed, then the rates side by side."""
    rows: list[Sequence[Entry]] = []
    models = (comparison, "first_last") if comparison != "first_last" else (comparison,)
    for model in models:
        for suffix in ("", AT_RISK):
            row = book.one(
                analysis="progression",
                model=model + suffix,
                outcome="progression",
                group="overall",
                term="",
            )
            name = "Share that progressed" + _films(model != comparison, observation)
            counts, percentage = share(row)
            limits = cell(row, formats.interval)
            rows.append([name, _who(suffix), "Wilson", counts, "", percentage, limits])
    for row in book.all(analysis="incidence", statistic="rate", group="overall"):
        model = row.model.removesuffix(AT_RISK)
        name = _RATES[model.removesuffix(FIRST_LAST)]
        rows.append(
            [
                name + _films(model.endswith(FIRST_LAST), observation),
                _who(row.model),
                _INTERVALS[row.method],
                cell(row, lambda r: formats.number(r.events or 0, 0)),
                cell(row, lambda r: formats.number(r.person_years, 1) if r.person_years else ""),
                cell(row),
                cell(row, formats.interval),
            ]
        )
    unit = next((r.unit for r in book.all(analysis="incidence", statistic="rate")), "")
    head = ("Estimator", "Patients", "Interval", "Events", "Person-years", f"Rate {unit}", "95% CI")
    notes = (
        f"First and last {observation} alone: what rose and fell again between them is not seen, "
        "and in the full-interval rate who progressed early counts the whole time. The mid-point "
        "and interval-censored rates may be higher or lower than over all intervals.",
    )
    several = comparison != "first_last"
    return Table("Incidence of progression", head, rows, notes if several else ())


def _who(model: str) -> str:
    return "at risk" if model.endswith(AT_RISK) else "all"


def _films(first_and_last: bool, observation: str) -> str:
    return f", first and last {observation} alone" if first_and_last else ""


def strata(book: Book, by: Sequence[str], suffix: str, label: Labels) -> list[Block]:
    """Rates by stratum; their ratios and differences; adjusted ratios and trends."""
    rows: list[Sequence[Entry]] = []
    compared: list[Sequence[Entry]] = []
    further: list[Sequence[Entry]] = []
    full = {"analysis": "incidence", "model": f"full_interval{suffix}"}
    for variable in by:
        found = book.all(**full, statistic="rate", method="exact")
        rows.append([label(variable), *[""] * 4])
        compared.append([label(variable), *[""] * 3])
        for row in found:
            name, _, level = row.group.partition("=")
            if name != variable:
                continue
            of_group = {**full, "group": row.group, "term": variable}
            ratio = book.one(**of_group, statistic="rate_ratio", method="exact")
            gap = book.one(**of_group, statistic="rate_difference", method="wald")
            rows.append(
                [
                    f"– {label(level)}",
                    cell(row, lambda r: formats.number(r.events or 0, 0)),
                    cell(row, lambda r: formats.number(r.person_years or 0, 1)),
                    cell(row, formats.with_interval),
                    cell(_censored(book, suffix, row.group), formats.with_interval),
                ]
            )
            shown = cell(ratio, formats.with_interval) if ratio else "1 (reference)"
            compared.append(
                [f"– {label(level)}", shown, _p(ratio), cell(gap, formats.with_interval)]
            )
            for adjusted in book.all(**of_group, method="mantel_haenszel"):
                name = f"{label(variable)}: {label(level)}, adjusted for {label(adjusted.level)}"
                further.append([name, "Mantel–Haenszel", *_ratio(adjusted)])
        trend = book.one(**full, term=variable, group="overall", method="poisson")
        test = book.one(**full, term=variable, statistic="trend")
        if trend and test:
            name = f"{label(variable)}, per level"
            further.append([name, "Poisson regression; p: score test", _ratio(trend)[0], _p(test)])
    if not rows:
        return []
    unit = next((r.unit for r in book.all(analysis="incidence", statistic="rate")), "")
    head = (
        "Stratum",
        "Events",
        "Person-years",
        f"Full interval, {unit} (exact)",
        "Interval-censored (profile)",
    )
    of_ratios = (
        "Ratios and differences compare full-interval rates with the first level. Counting the "
        "full interval draws ratios towards 1 where many progress; hazard ratios do not have that "
        "bias. Nothing is corrected for looking at several strata."
    )
    contrasts = ("Stratum", "Rate ratio (exact)", "p", f"Rate difference, {unit} (Wald)")
    blocks: list[Block] = [
        Table("Incidence by stratum", head, rows, ("Patients without a value are in no stratum.",)),
        Table("Incidence compared between strata", contrasts, compared, (of_ratios,)),
    ]
    if further:
        caption = "Rate ratios over a second stratum, and trends"
        blocks.append(Table(caption, ("Comparison", "Method", "Rate ratio (95% CI)", "p"), further))
    return blocks


def _censored(book: Book, suffix: str, group: str) -> Row | None:
    """The interval-censored rate of a stratum: with its profile, or what stands for it."""
    found = {
        row.method: row
        for row in book.all(
            analysis="incidence",
            model=f"interval_censored{suffix}",
            statistic="rate",
            group=group,
        )
    }
    return found.get("profile", found.get("wald"))


def hazard_ratios(book: Book, horizon: float | None, suffix: str, label: Labels) -> list[Block]:
    """Hazard ratios alone and adjusted, and risks at the horizon."""
    alone = f"interval_censored_univariable{suffix}"
    together = {"analysis": "incidence", "model": f"interval_censored_multivariable{suffix}"}
    rows: list[Sequence[Entry]] = []
    notes: list[str] = []
    for row in book.all(analysis="incidence", model=alone, statistic="hazard_ratio"):
        term = {**together, "term": row.term, "level": row.level}
        adjusted = book.one(**term, statistic="hazard_ratio")
        parts: list[Entry] = [label.term(row), *_ratio(row), *_ratio(adjusted)]
        if horizon is not None:
            for statistic in ("risk_ratio", "risk_difference"):
                found = book.one(**term, statistic=statistic)
                parts.append(cell(found, formats.with_interval))
                notes += [found.note] if found and found.note else []
        notes += [found.note for found in (row, adjusted) if found and found.note]
        rows.append(parts)
    if not rows:
        return []
    head = ["Covariate", "Hazard ratio alone (95% CI)", "p", "Adjusted (95% CI)", "p"]
    if horizon is not None:
        within = f"within {formats.as_given(horizon)} years"
        head += [f"Risk ratio {within}", f"Risk difference {within}, percentage points"]
    standard = (
        "Interval-censored, constant rates; profile intervals and likelihood ratio tests. Adjusted "
        "for each other."
    )
    if horizon is not None:
        standard += (
            " Risks are those of the adjusted model, averaged over the patients as if all and none "
            "had the level, or one unit more (of a grade at most the worst); their intervals are "
            "by the delta method, so that one may exclude no difference where the profile does not."
        )
    return [Table("Hazard ratios of progression", head, rows, (standard, *dict.fromkeys(notes)))]


def risks_within(book: Book, horizon: float | None, suffix: str, label: Labels) -> list[Block]:
    """The risk at the horizon by each model."""
    if horizon is None:
        return []
    level = f"{horizon:g}"
    rows: list[Sequence[Entry]] = []
    for row in book.all(
        analysis="incidence", model=f"interval_censored{suffix}", term="years", level=level
    ):
        name = "All" if row.group == "overall" else label.group(row.group)
        rows.append([name, "constant rate", cell(row, formats.with_interval)])
    found = book.one(analysis="incidence", model=f"weibull{suffix}", term="years", level=level)
    if found:
        rows.append(["All", "Weibull", cell(found, formats.with_interval)])
    ends = [
        book.one(
            analysis="incidence",
            model=f"turnbull{suffix}",
            term="years",
            level=level,
            statistic=statistic,
        )
        for statistic in ("risk_at_least", "risk_at_most")
    ]
    if all(ends):
        between = span(cell(ends[0]), cell(ends[1]))
        rows.append(["All", "no model (Turnbull): between", between])
    if not rows:
        return []
    head = ("Patients", "Model", "Risk (95% CI)")
    return [Table(f"Risk of progression within {formats.as_given(horizon)} years", head, rows)]


def shape(book: Book, suffix: str, observations: str) -> list[Block]:
    """When films were taken, and whether they tell how the rate changes with time."""
    times = {row.statistic: row for row in book.all(analysis="incidence", term="film_times")}
    sentences: list[Sentence] = []
    if times:
        sentences.append(
            [
                f"Later {observations} that are compared, up to a first worsening, were taken ",
                cell(times["minimum"]),
                " to ",
                cell(times["maximum"]),
                " years after the first (median ",
                cell(times["median"]),
                ").",
            ]
        )
    row = book.one(analysis="incidence", model=f"weibull{suffix}", statistic="shape")
    if row and row.estimate is not None:
        sentences.append(
            [
                "Weibull shape ",
                cell(row, formats.with_interval),
                "; above 1 the rate rises with time; test of a constant rate p = ",
                cell(row, formats.p_of),
                ".",
            ]
        )
    elif row:
        sentences.append(["Weibull and Turnbull: ", cell(row), f". {row.note}"])
    return [Paragraph(sentences)] if sentences else []


def intensities(book: Book, label: Labels) -> list[Block]:
    """The Markov model's intensities, or why there are none."""
    found = book.all(analysis="incidence", model="markov", statistic="intensity")
    if not found:
        return []
    rows: list[Sequence[Entry]] = [
        [
            capital(label(row.group.removeprefix("from_"))),
            label(row.level),
            cell(row, formats.with_interval),
        ]
        for row in found
    ]
    notes = (
        "A Markov model of grades that move to their neighbours only, at constant intensities; "
        "moves back, where there are any, share one.",
        *dict.fromkeys(row.note for row in found if row.note),
    )
    head = ("From", "To", f"Intensity {found[0].unit} (95% CI)")
    return [Table("From grade to grade per person-time", head, rows, notes)]


def _ratio(row: Row | None) -> list[Part]:
    return [cell(row, formats.with_interval), _p(row)]


def _p(row: Row | None) -> Part:
    return cell(row, formats.p_of)
