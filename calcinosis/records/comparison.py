"""Two runs compared: what the page of changes counts, and the private lists behind it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from calcinosis import estimates
from calcinosis.changes import ALL_SITES, Change
from calcinosis.records import classes, questions, results, runs, tables
from calcinosis.spreadsheets import read_csv

TABLES = ("patients", "readings")


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs.

    Parameters
    ----------
    old, new : the runs; `old` is None where there is nothing to compare with
    changes : every difference that can be shown: counts, settings and estimates
    patients : whose eligibility, severity or progression changed; private
    values : the values of records that changed, and the records that came or went; private
    """

    old: runs.Run | None
    new: runs.Run
    changes: list[Change]
    patients: pd.DataFrame
    values: pd.DataFrame


def compare(folder: str | Path, old: runs.Run | None, new: runs.Run) -> Comparison:
    """Compare two remembered runs.

    Parameters
    ----------
    folder : `records/<cohort>`
    old, new : of its runs; without an old one nothing differs

    Raises
    ------
    InputError
        What is kept of a run is damaged or gone.
    """
    if old is None:
        nothing = [pd.DataFrame(columns=list(names)) for names in (classes.FLIPPED, tables.VALUE)]
        return Comparison(None, new, [], *nothing)
    made = [json.loads(runs.kept(folder, run, "settings").read_text("utf-8")) for run in (old, new)]
    changes = list(_made(old, new, *made))
    of_runs = [_frames(folder, run) for run in (old, new)]
    sites = [_sites(of["classes"], of["patients"]) for of in of_runs]
    values = []
    for table in TABLES:
        found = tables.difference(table, of_runs[0][table], of_runs[1][table], *sites)
        changes += _counted(found)
        values.append(_listed(found))
    patients = classes.flipped(*(of["classes"] for of in of_runs))
    changes += _reclassed(patients)
    changes += _asked(of_runs[0], of_runs[1], made[1]["lines"])
    read = (estimates.read(runs.kept(folder, run, "estimates")) for run in (old, new))
    of_results = results.compare(*read)
    changes += [*results.summary(of_results), *of_results]
    return Comparison(old, new, changes, patients, pd.concat(values, ignore_index=True))


def _made(
    old: runs.Run, new: runs.Run, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    """What differs between the runs themselves: export, plan, codebook, code, corrections."""
    if old.export != new.export:
        was, now = (f"{run.export} {run.export_date}".rstrip() for run in (old, new))
        yield Change(section="run", kind="export", item="export", old=was, new=now)
    plans = _flat(before["plan"]), _flat(after["plan"])
    for key in sorted({*plans[0], *plans[1]}):
        ends = plans[0].get(key), plans[1].get(key)
        if ends[0] != ends[1]:
            yield Change(section="run", kind="plan", item=key, old=ends[0], new=ends[1])
    if before["codebook"] != after["codebook"]:
        yield Change(section="run", kind="codebook", item="codebook")
    for kind in ("lines", "code"):
        for name in sorted({*before[kind], *after[kind]}):
            differs = before[kind].get(name) != after[kind].get(name)
            if differs and not name.startswith("rule/"):  # rules of the plan are in the plan
                yield Change(section="run", kind=kind, item=name)
    if old.corrections != new.corrections:
        yield Change(section="run", kind="corrections", item="corrections")


def _flat(value: Any, place: str = "") -> dict[str, str]:
    """Settings by their dotted names, as texts; lists are one setting."""
    if isinstance(value, dict) and value:
        found: dict[str, str] = {}
        for key, of in value.items():
            found |= _flat(of, f"{place}.{key}" if place else key)
        return found
    return {place: json.dumps(value, ensure_ascii=False)}


def _frames(folder: str | Path, run: runs.Run) -> dict[str, pd.DataFrame]:
    paths = {name: runs.kept(folder, run, name) for name in runs.PRIVATE}
    return {
        name: pd.read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
        for name, path in paths.items()
    }


def _sites(of_patients: pd.DataFrame, patients: pd.DataFrame) -> pd.Series:
    """Site by patient, also of those who are not in the analysis."""
    if "centre" not in patients or "patient_id" not in patients:
        return of_patients.set_index("patient_id")["site"]
    known = patients.drop_duplicates("patient_id").set_index("patient_id")
    return known["centre"].astype("string")


def _counted(found: tables.Difference) -> Iterator[Change]:
    """The counts of a table: its records by site, its columns, its values by variable and site."""
    for (table, kind, site), number in _by_site(found.records, ["table", "kind"]):
        yield Change(section="records", kind=kind, table=table, site=site, count=number)
    for table, name, kind, known in found.fields.itertuples(index=False):
        yield Change(section="fields", kind=kind, table=table, item=name, count=known)
    for (table, name, kind, site), number in _by_site(found.values, ["table", "variable", "kind"]):
        yield Change(section="values", kind=kind, table=table, site=site, item=name, count=number)


def _by_site(frame: pd.DataFrame, by: list[str]) -> Iterator[tuple[Any, int]]:
    """How many rows have each combination at all sites together, then at each site."""
    if len(frame):
        of_sites = frame.groupby([*by, "site"], sort=True).size()
        for names, number in of_sites.groupby(level=by).sum().items():
            yield (*(names if isinstance(names, tuple) else (names,)), ALL_SITES), int(number)
        for names, number in of_sites.items():
            yield names, int(number)


def _reclassed(patients: pd.DataFrame) -> Iterator[Change]:
    """How many patients changed in anything, then from which class to which."""
    if len(patients):
        number = patients["patient_id"].nunique()
        yield Change(section="patients", kind="any", item="any", count=number)
        pairs = patients.groupby(["what", "old", "new"], sort=False).size().items()
        for (what, old, new), number in pairs:
            yield Change(
                section="patients", kind="changed", item=what, old=old, new=new, count=number
            )


def _listed(found: tables.Difference) -> pd.DataFrame:
    """Records that came or went, and changed values, as one private list."""
    moved = found.records[found.records["kind"].isin(["added", "removed"])]
    both = pd.concat([moved, found.values]).reindex(columns=list(tables.VALUE))
    return both.astype("string").fillna("")


def _asked(
    old: Mapping[str, pd.DataFrame], new: Mapping[str, pd.DataFrame], lines: Mapping[str, str]
) -> Iterator[Change]:
    """What became of the questions of either run, by site."""
    now = new["questions"].assign(export="new")  # two states of one export ask as two exports do
    history = pd.concat([old["questions"].assign(export="old"), now], ignore_index=True)
    history = history[history["query_id"] != ""]
    states = questions.states(now, history, new["corrections"], lines, {})
    for (state, site), number in _by_site(states, ["state"]):
        yield Change(section="queries", kind=state, site=site, count=number)
