"""Tables and findings of bone density: T-scores by site, their classes, and devices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import bone_density_model_tables, formats
from calcinosis.present.blocks import Block, Entry, Picture, Sentence, Table, cell
from calcinosis.present.lines import described, ends_at_0, of_group, summary
from calcinosis.present.words import Book, Labels, capital

ANALYSIS = "bone_density"


def blocks(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    """The chapter: the figure, then the tables."""
    section = plan["bone_density"]
    picture = Picture("bone_density_figure", caption(section), t_scores(book, label))
    return [picture, *tables(book, section, label)]


def tables(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Table]:
    """T-scores by site and group, their contrasts and classes, and who had densitometry.

    None where that failed.
    """
    groups = group_names(book)
    if not groups:
        return []
    sites = _sites(book, plan, label)
    found = [
        _summaries(book, groups, sites, label),
        *_together(book, sites),
        _contrasts(book, sites, label),
    ]
    if plan["who"]:
        found += [_classes(book, plan, groups, label), _classed(book, label)]
    if plan["device"]:
        found.append(_devices(book, groups, label))
    return found + bone_density_model_tables.tables(book, plan, label)


def caption(plan: Mapping[str, Any]) -> str:
    """What the panels of the figure show."""
    compared = plan["use"] == "lowest" and len(plan["sites"]) > 1
    lowest = ", first the lowest of the sites, which is what is compared" if compared else ""
    said = [f"T-scores by site and group{lowest}: median and quartiles, of those measured"]
    osteopenia, osteoporosis = map(formats.marked, ("-1.0", "-2.5"))
    said.append(
        f"lines at {osteopenia} and {osteoporosis}, the limits of osteopenia and osteoporosis"
    )
    said += ["the WHO classes of those who could be classed"] if plan["who"] else []
    if plan["weighting"]:
        said.append(
            "below, how far those measured are from everybody, before and after weighting (dotted: "
            f"{formats.as_given(0.1)}, below which differences are commonly called small)"
        )
    return "; ".join(said) + "."


def group_names(book: Book) -> list[str]:
    """The groups whose T-scores are compared, as the estimates name them."""
    medians = book.all(analysis=ANALYSIS, model="", term="t_score", statistic="median")
    return [row.group for row in medians]


def _sites(book: Book, plan: Mapping[str, Any], label: Labels) -> dict[str, str]:
    """Terms of T-scores, the one that is compared first, and what readers call them."""
    medians = book.all(analysis=ANALYSIS, model="", statistic="median")
    terms = dict.fromkeys(row.term for row in medians if row.term in {"t_score", *plan["sites"]})
    several = plan["use"] == "lowest" and len(plan["sites"]) > 1
    used = _LOWEST if several else label((plan["sites"] + [plan["use"]])[-1])
    used = label(plan["sites"][0]) if plan["use"] == "lowest" and not several else used
    return {term: used if term == "t_score" else label(term) for term in terms}


def _summaries(book: Book, groups: Sequence[str], sites: Mapping[str, str], label: Labels) -> Table:
    rows: list[Sequence[Entry]] = []
    for term, name in sites.items():
        for i, group in enumerate(groups):
            median = of_group(book, ANALYSIS, term, group, "median")
            rows.append(
                [
                    "" if i else name,
                    capital(label.group(group)),
                    cell(median, lambda r: formats.number(r.n or 0, 0)),
                    summary(book, ANALYSIS, term, group, "median_quartiles"),
                    summary(book, ANALYSIS, term, group, "mean_sd"),
                ]
            )
    head = ("", "Group", "Measured", "Median (quartiles)", "Mean (SD)")
    notes = [_OF_LOWEST] if _LOWEST in sites.values() else []
    return Table("T-scores of those who had densitometry", head, rows, notes)


_LOWEST = "Lowest of the sites"
_OF_LOWEST = (
    "Lowest: of the sites that were measured in a patient. The fewer these are the higher it tends "
    "to be, so that groups compare only where as many sites were measured."
)


def _together(book: Book, sites: Mapping[str, str]) -> list[Table]:
    """Tests of more than two groups at once; none where there are two."""
    rows: list[Sequence[Entry]] = []
    notes: dict[str, None] = {}
    for term, name in sites.items():
        test = book.one(analysis=ANALYSIS, term=term, statistic="kruskal_wallis")
        if test is None:
            continue
        of = {"analysis": ANALYSIS, "term": term, "statistic": "permutation_test"}
        permuted = book.one(**of, group="overall")
        p = [cell(test, formats.p_of), cell(permuted, formats.p_of)]
        rows.append([name, cell(test), *p, cell(test, lambda r: formats.number(r.n or 0, 0))])
        notes |= dict.fromkeys(filter(None, [permuted.note if permuted else ""]))
    head = ("", "Kruskal–Wallis", "p", "p (permutation)", "n")
    caption = "Differences of the T-score between all groups together"
    return [Table(caption, head, rows, ["Tests of ranks, not of medians.", *notes])] if rows else []


def _contrasts(book: Book, sites: Mapping[str, str], label: Labels) -> Table:
    """Each pair of groups at each site."""
    rows: list[Sequence[Entry]] = []
    several = len(group_names(book)) > 2
    notes: dict[str, None] = {}
    pairs: dict[str, None] = {}
    for term, name in sites.items():
        shifts = book.all(analysis=ANALYSIS, model="", term=term, statistic="median_difference")
        for i, shift in enumerate(shifts):

            def of_pair(statistic: str, shift: Row = shift) -> Row | None:
                return book.one(
                    analysis=ANALYSIS,
                    model="",
                    term=shift.term,
                    group=shift.group,
                    reference=shift.reference,
                    statistic=statistic,
                )

            mean = of_pair("mean_difference")
            permuted = of_pair("permutation_test")
            pair = f"{label.group(shift.group)} v {label.group(shift.reference)}"
            pairs[pair] = None
            adjusted = [cell(of_pair("adjusted_p_value"))] if several else []
            rows.append(
                [
                    "" if i else name,
                    *([pair] if several else []),
                    cell(shift, formats.with_interval),
                    cell(shift, formats.p_of),
                    *adjusted,
                    cell(permuted, formats.p_of),
                    cell(mean, formats.with_interval),
                    cell(mean, formats.p_of),
                    cell(of_pair("detectable_mean_difference")),
                ]
            )
            if permuted:
                notes |= dict.fromkeys([permuted.note])
    head = (
        *("", *(("Groups",) if several else ()), "Shift (95% CI)", "p (rank sum)"),
        *(("p (Holm)",) if several else ()),
        *("p (permutation)", "Mean difference (95% CI)", "p (Welch)", "Detectable"),
    )
    who = [_OF_PAIRS] if several else [f"{capital(pair)}." for pair in pairs]
    shifts = book.all(analysis=ANALYSIS, model="", statistic="median_difference")
    said = [*who, *_of_contrasts(), *ends_at_0(shifts), *notes]
    return Table("Contrasts of the T-score", head, rows, said)


_OF_PAIRS = (
    "p by Holm allows for the pairs of groups at one site; intervals and other p-values are of "
    "each pair alone."
)


def _of_contrasts() -> list[str]:
    more, efficiency = map(formats.as_given, (1.047, 0.955))
    return [
        "Shift: Hodges–Lehmann; its p-values compare ranks, not medians.",
        "Detectable: the difference of means that is seen with a power of 80% by a two-sided t "
        "test at 5% (noncentral t with the pooled standard deviation); where values are normal a "
        f"rank-sum test needs {more} times as many patients for the same (relative efficiency "
        f"{efficiency}).",
    ]


def _classes(book: Book, plan: Mapping[str, Any], groups: Sequence[str], label: Labels) -> Table:
    """WHO classes, and the Z-scores of those who are not classed."""
    rows: list[Sequence[Entry]] = []
    notes = ["Shares are of those who could be classed."]
    for term in ("who_class", *(("z_class",) if plan["z_scores"] else ())):
        test = book.one(analysis=ANALYSIS, term=term, statistic="group_test")
        lines = described(book, ANALYSIS, term, groups, label, "median_quartiles")
        shown: Callable[[Row], str] = lambda r: formats.p_of(r) or formats.NOT_ESTIMABLE  # noqa: E731
        tested = cell(test, shown)
        rows += [[*line[:-1], "" if i else tested] for i, line in enumerate(lines)]
        notes += [test.note] if test and test.note else []
    if plan["z_scores"]:
        notes.append(
            "Z-score: the lowest of the sites, of women before the menopause and men below 50; "
            "−2.0 or lower is below the range expected for age."
        )
    else:
        notes.append(
            "Z-scores, by which women before the menopause and men below 50 are judged: not "
            "applicable, the plan names none."
        )
    head = ("", *(capital(label.group(g)) for g in groups), "p (exact)")
    return Table("WHO classes", head, rows, notes)


def _classed(book: Book, label: Labels) -> Table:
    """Whom the WHO classes are meant for, of those who had densitometry."""
    eligible = book.one(analysis=ANALYSIS, term="who_eligible")
    rows: list[Sequence[Entry]] = [["Classed", cell(eligible, formats.count_percent)]]
    for row in book.all(analysis=ANALYSIS, term="who_group"):
        rows.append([f"– {label(row.level)}", cell(row)])
    notes = (
        "The WHO classes are meant for women after the menopause and men of 50 or more. Nobody "
        "else is classed: women before the menopause and men below 50 are judged by Z-scores. "
        "Those of whom it is not known may or may not be meant.",
    )
    return Table("Whom the WHO classes are meant for", ("", "n"), rows, notes)


def _devices(book: Book, groups: Sequence[str], label: Labels) -> Table:
    test = book.one(analysis=ANALYSIS, term="device", statistic="group_test")
    lines = described(book, ANALYSIS, "device", groups, label, "median_quartiles")
    rows = [[*line[:-1], "" if i else cell(test, formats.p_of)] for i, line in enumerate(lines)]
    used = book.one(analysis=ANALYSIS, term="devices")
    head = ("", *(capital(label.group(g)) for g in groups), "p (exact)")
    notes = [row.note for row in (used, test) if row and row.note]
    return Table("Devices of those who had densitometry", head, rows, notes)


def t_scores(book: Book, label: Labels) -> Sentence:
    """Median T-scores by group, and their shift or the test of all groups."""
    medians = book.all(analysis=ANALYSIS, model="", term="t_score", statistic="median")
    shifts = book.all(analysis=ANALYSIS, model="", term="t_score", statistic="median_difference")
    if not medians or not shifts:
        return []
    parts: Sentence = ["Median T-score: "]
    for i, row in enumerate(medians):
        of = cell(row, lambda r: formats.number(r.n or 0, 0))
        parts += ["; " if i else "", f"{label.group(row.group)} ", cell(row), " (n = ", of, ")"]
    test = book.one(analysis=ANALYSIS, term="t_score", statistic="kruskal_wallis")
    if test is not None and test.p_value is not None:
        return [*parts, "; Kruskal–Wallis p ", cell(test, formats.p_of), "."]
    if test is not None or shifts[0].estimate is None:
        return [*parts, "."]
    shift = shifts[0]
    interval = " (95% CI)" if formats.interval(shift) else ""
    parts += ["; shift ", cell(shift, formats.with_interval), f"{interval}, p "]
    others = [*_adjusted(book, shift), *_weighted(book, shift)]
    return [*parts, cell(shift, formats.p_of), *others, "."]


def _weighted(book: Book, shift: Row) -> Sentence:
    """The weighted difference of means, which allows for who had densitometry."""
    row = book.one(
        analysis=ANALYSIS,
        model="weighted",
        term="t_score",
        group=shift.group,
        reference=shift.reference,
        statistic="mean_difference",
    )
    if row is None or row.estimate is None:
        return []
    return ["; weighted to be like everybody ", cell(row, formats.with_interval)]


def _adjusted(book: Book, shift: Row) -> Sentence:
    """The adjusted difference of means; nothing where nothing is adjusted for."""
    row = book.one(
        analysis=ANALYSIS,
        model="linear",
        term=shift.group.partition("=")[0],
        statistic="mean_difference",
    )
    if row is None or row.estimate is None:
        return []
    return ["; adjusted difference of means ", cell(row, formats.with_interval)]
