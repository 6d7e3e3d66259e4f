"""The one table behind every number that a reader sees.

Each result is one `Row`; the files `results/<cohort>/estimates/*.csv` and their concatenation
`estimates.csv` hold rows and nothing else. The idea is Analysis Results Data (CDISC ARS), the
column habits are those of R's `broom`. Reading and writing need no third-party library, so that
the pages and figures start fast.
"""

import csv
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from pathlib import Path
from statistics import NormalDist

from calcinosis.errors import CAUGHT, place_of

ANALYSES = (
    "quality",
    "flow",
    "describe",
    "severity",
    "transitions",
    "progression",
    "agreement",
    "incidence",
    "univariable",
    "multivariable",
    "risks",
    "ordinal",
    "missingness",
    "centres",
    "validation",
    "multiplicity",
    "bone_density",
    "disability",
    "lesions",
    "complications",
    "by_centre",
    "ascertainment",
    "published",
)
FILES = {
    "severity": ("severity", "sctc"),
    "transitions": ("severity",),
    "progression": ("severity", "sctc"),
    "agreement": ("agreement", "misclassification"),
    "univariable": ("models",),
    "multivariable": ("models", "missing_data"),
    "missingness": ("missing_data",),
    "complications": ("lesions",),
    "ascertainment": ("lesions",),
}
"""Analyses whose rows are in files of another name, or of several."""
STATUSES = ("ok", "warning", "not_estimable", "failed", "not_run", "suppressed")
_IDENTITY = (
    "analysis",
    "model",
    "outcome",
    "group",
    "term",
    "level",
    "reference",
    "unit",
    "statistic",
    "method",
)
CONF_LEVEL = 0.95
"""Of every interval."""
Z = NormalDist().inv_cdf((1 + CONF_LEVEL) / 2)
"""Standard errors on either side of an estimate, where it is normal."""
PROFILE_DROP = Z**2 / 2
"""How far the log likelihood falls up to a limit of a profile: half of chi-squared with 1 df."""
_ALPHABET = re.compile(r"[a-z0-9_=. -]*")
_DIGITS = 10
"""Significant digits written: the last bits of a fit depend on the linear algebra library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One estimate with its interval: a row of the estimates table.

    The text fields identify the number and form its `result_id`; numbers are in `unit`,
    proportions are 0 to 1, and a number that does not apply is None.

    Parameters
    ----------
    analysis : one of `ANALYSES`
    model : which estimator, such as full_interval, primary
    outcome : such as progression, progression_2_levels
    group : stratum, `overall` for the whole cohort
    term : the measured variable
    level : category of the term
    reference : reference category or group
    unit : unit of change, of the rate (per 100 person-years) or of the share (of patients)
    statistic : count, proportion, rate, odds_ratio, ...
    method : how interval and p-value were made: lognormal, exact, wilson, wald, ...
    estimate, std_error, df, conf_low, conf_high, conf_level : numbers in `unit`
    p_value, n, events, person_years : numbers (for a proportion: `events` over `n`)
    status : one of `STATUSES`
    note : one sentence for the reader

    Attributes
    ----------
    result_id : the number's name, made of the text fields: the same over reruns, never of labels
    """

    analysis: str
    model: str = ""
    outcome: str = ""
    group: str = "overall"
    term: str = ""
    level: str = ""
    reference: str = ""
    unit: str = ""
    statistic: str
    estimate: float | None = None
    std_error: float | None = None
    df: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float | None = None
    p_value: float | None = None
    n: float | None = None
    events: float | None = None
    person_years: float | None = None
    method: str = ""
    status: str = "ok"
    note: str = ""
    result_id: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.analysis not in ANALYSES:
            raise ValueError(f"'{self.analysis}' is not an analysis: {', '.join(ANALYSES)}")
        if self.status not in STATUSES:
            raise ValueError(f"'{self.status}' is not a status: {', '.join(STATUSES)}")
        identity = _identity_of(self)
        for name, text in zip(_IDENTITY, identity, strict=True):
            if not _ALPHABET.fullmatch(text):
                raise ValueError(
                    f"{name} '{text}' of an estimate has characters outside "
                    "a-z, 0-9, '_', '=', '.', '-'"
                )
        # Kept, because a page asks for it ten times.
        result_id = "/".join([text.replace(" ", "_") or "-" for text in identity])
        object.__setattr__(self, "result_id", result_id)
        for name in _NUMBERS:
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{name} of {self.result_id} is {value}; leave it empty instead")


COLUMNS = ("result_id", *(each.name for each in fields(Row) if each.init))
_NUMBERS = tuple(each.name for each in fields(Row) if each.type == float | None)
_identity_of: Callable[[Row], tuple[str, ...]] = attrgetter(*_IDENTITY)


def count(analysis: str, number: int, **identity: str) -> Row:
    """A plain count; `identity` holds further text fields of the row."""
    return Row(analysis=analysis, statistic="count", estimate=number, **identity)  # type: ignore[arg-type]


def attempt(analysis: str, make_rows: Callable[[], list[Row]], model: str = "") -> list[Row]:
    """The rows of an analysis, or the one `failed` row that stands for it.

    The report is built all the same and says so; `verdict` ends the run with an error. The note
    names the kind of error and its place only, because messages of libraries quote data; the
    traceback is for the step's private log. `model` tells two steps of one analysis apart. What
    ails the machine and not the analysis, memory or disk, stops the step, so that the same command
    makes it again.
    """
    try:
        return make_rows()
    except (MemoryError, OSError):
        raise
    except Exception as error:
        CAUGHT.exception("The analysis %s failed.", analysis)
        reason = f"{type(error).__name__} in {place_of(error)}"
        return [
            Row(analysis=analysis, model=model, statistic="analysis", status="failed", note=reason)
        ]


def write(rows: Iterable[Row], path: str | Path) -> None:
    """Write rows as CSV, numbers with 10 significant digits.

    Raises
    ------
    ValueError
        Two rows have one `result_id`.
    """
    rows = list(rows)
    seen: set[str] = set()
    for row in rows:
        if row.result_id in seen:
            raise ValueError(f"two estimates are called {row.result_id}")
        seen.add(row.result_id)
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            values = {name: getattr(row, name) for name in COLUMNS}
            for name in _NUMBERS:
                number = values[name]
                values[name] = "" if number is None else f"{number:.{_DIGITS}g}"
            writer.writerow(values.values())


def holds_failure(path: str | Path) -> bool:
    """Whether an analysis of an estimates file failed; also of a file of an earlier version."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return any(row.get("status") == "failed" for row in csv.DictReader(file))


def read(path: str | Path) -> list[Row]:
    """Read an estimates file, in its order.

    Raises
    ------
    ValueError
        The columns are not those of the schema, a line has more or fewer fields, or a `result_id`
        is not that of its row.
    """
    with Path(path).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        if tuple(next(reader, ())) != COLUMNS:
            raise ValueError(f"{path}: the columns are not those of the estimates table")
        rows = []
        for record in filter(None, reader):  # an editor may have put an empty line at the end
            if len(record) != len(COLUMNS):
                raise ValueError(f"{path}: line {reader.line_num} is not as long as the head")
            texts = dict(zip(COLUMNS, record, strict=True))
            result_id = texts.pop("result_id")
            numbers = {name: float(texts[name]) if texts[name] else None for name in _NUMBERS}
            row = Row(**texts | numbers)  # type: ignore[arg-type]
            if row.result_id != result_id:
                raise ValueError(f"{path}: {result_id} does not name its row ({row.result_id})")
            rows.append(row)
    return rows
