"""Two versions of a table: which records came, went and changed, and in which values.

A record is known by its key, never by its row. All work is on whole columns, so that a million
records take seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

KEYS = {
    "patients": ("patient_id",),
    "readings": ("patient_id", "film_date", "film_day", "reader", "side", "region"),
}
"""What a record is known by; of these, the columns that both versions have."""
WHEN = ("film_date", "film_day")
"""Parts of a key that a site may correct: a record whose other parts are of one unmatched record on
either side is the same record with another date."""
RECORD = ("table", "record", "site", "kind")
VALUE = ("table", "record", "site", "variable", "kind", "old", "new")
FIELD = ("table", "variable", "kind", "known")


@dataclass(frozen=True)
class Difference:
    """What differs between two versions of a table.

    Parameters
    ----------
    records : one row per record of either version: table, record (the parts of its key), site,
        kind (added, removed, changed, same)
    values : one row per changed value of a record of both versions: table, record, site, variable,
        kind (changed, filled: missing before, emptied: missing now), old and new as texts
    fields : one row per column that only one version has, or that has another type: table,
        variable, kind (field_added, field_removed, type_changed), known (values that are not
        missing, in the version that has it)
    """

    records: pd.DataFrame
    values: pd.DataFrame
    fields: pd.DataFrame


def difference(
    table: str,
    old: pd.DataFrame,
    new: pd.DataFrame,
    sites_old: Mapping[str, str] | pd.Series,
    sites_new: Mapping[str, str] | pd.Series,
) -> Difference:
    """Compare two versions of a table.

    Parameters
    ----------
    table : its name
    old, new : the versions, with any index; a table without columns is one that was not there
    sites_old, sites_new : site by patient_id; a record is of the site that it has now
    """
    keys = _keys(table, old, new)
    pairs = _paired(_keyed(old, keys), _keyed(new, keys), keys)
    both = pairs[(pairs["old"] >= 0) & (pairs["new"] >= 0)]
    before, after = old.iloc[both["old"]], new.iloc[both["new"]]
    pairs = pairs.assign(site=_sites(pairs, sites_old, sites_new))
    redated = [name for name in WHEN if name in keys]
    shared = [name for name in new if name in old and (name not in keys or name in redated)]
    named = pairs.loc[both.index]
    values = [pd.DataFrame(columns=list(VALUE), dtype="string")]
    for name in shared:
        differs = _differs(before[name], after[name])
        if differs.any():
            ends = before[name][differs], after[name][differs]
            values.append(_values(table, name, named[differs], *ends))
    changed = pd.concat(values)
    touched = np.zeros(len(pairs), dtype=bool)
    touched[changed.index.unique()] = True
    kind = np.select(
        [pairs["old"] < 0, pairs["new"] < 0, touched], ["added", "removed", "changed"], "same"
    )
    records = pairs.assign(table=table, kind=kind)[list(RECORD)].astype("string")
    order = ["record", "variable"]
    changed = changed.sort_values(order, kind="stable").reset_index(drop=True)
    return Difference(records, changed, _fields(table, old, new))


def text(values: pd.Series) -> pd.Series:
    """Values as texts: whole numbers without decimals, dates as ISO, missing ones empty."""
    known = values.notna().to_numpy()
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        found = np.datetime_as_string(values.to_numpy("datetime64[s]"), unit="D")
    elif pd.api.types.is_bool_dtype(values.dtype) or not pd.api.types.is_numeric_dtype(values):
        found = values.astype("string").to_numpy(dtype=object, na_value="")
    else:
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        whole = known & np.isfinite(numbers) & (numbers == np.round(numbers))
        whole &= np.abs(numbers) < 2**53
        found = numbers.astype("str").astype(object)
        found[whole] = numbers[whole].astype("int64").astype("str")
    return pd.Series(np.where(known, found, ""), index=values.index, dtype="string")


def _keys(table: str, old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """The parts of the key that both versions have; of a version without columns, the other's."""
    versions = [set(frame.columns) for frame in (old, new) if len(frame.columns)]
    names = set.intersection(*versions) if versions else set()
    return [name for name in KEYS[table] if name in names]


def _keyed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The key of each row as texts, its position, and which one of those with that key it is."""
    if not set(keys) <= set(frame.columns):
        frame = pd.DataFrame(columns=keys, dtype="string")
    found = frame[keys].reset_index(drop=True).apply(text)
    found = found.assign(position=np.arange(len(frame)), turn=0)
    twice = found.duplicated(keys, keep=False) if keys else pd.Series(len(found) > 1, found.index)
    if twice.any():
        # By what else they say, so that the order of rows decides nothing.
        rest = frame.reset_index(drop=True)[twice].apply(text)
        rest = rest.sort_values(list(rest.columns))
        turns = rest.groupby(keys).cumcount() if keys else pd.Series(range(len(rest)), rest.index)
        found.loc[rest.index, "turn"] = turns
    return found


def _paired(old: pd.DataFrame, new: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Positions of the same record in both versions, -1 where one has it not, and its name."""
    by = [*keys, "turn"]
    pairs = old.merge(new, how="outer", on=by, suffixes=("_old", "_new"))
    found = pairs[keys].assign(
        old=pairs["position_old"].fillna(-1).astype("int64"),
        new=pairs["position_new"].fillna(-1).astype("int64"),
    )
    rest = [name for name in keys if name not in WHEN]
    if rest and len(rest) < len(keys):
        found = _redated(found, rest)
    found = found.sort_values([*keys, "old", "new"], kind="stable").reset_index(drop=True)
    name = found[keys[0]] if keys else pd.Series("", found.index, dtype="string")
    for key in keys[1:]:
        name = name + " | " + found[key]
    patient = found["patient_id"] if "patient_id" in keys else ""
    return pd.DataFrame(
        {"record": name, "patient_id": patient, "old": found["old"], "new": found["new"]}
    )


def _redated(pairs: pd.DataFrame, rest: list[str]) -> pd.DataFrame:
    """Join a removed and an added record that differ in their date only, where that is plain."""
    removed, added = pairs[pairs["new"] < 0], pairs[pairs["old"] < 0]
    alone = [part[~part.duplicated(rest, keep=False)] for part in (removed, added)]
    same = alone[0].reset_index().merge(alone[1].reset_index(), on=rest, suffixes=("", "_other"))
    pairs.loc[same["index_other"], "old"] = same["old"].to_numpy()
    return pairs.drop(index=same["index"])


def _sites(
    pairs: pd.DataFrame,
    old: Mapping[str, str] | pd.Series,
    new: Mapping[str, str] | pd.Series,
) -> pd.Series:
    now = pairs["patient_id"].map(new).astype("string")
    return now.fillna(pairs["patient_id"].map(old).astype("string")).fillna("")


def _differs(old: pd.Series, new: pd.Series) -> np.ndarray:
    """Where two columns hold other values, however each is typed; both missing is the same."""
    missing = old.isna().to_numpy(), new.isna().to_numpy()
    if _same_codes(old.dtype, new.dtype):
        other = old.cat.codes.to_numpy() != new.cat.codes.to_numpy()
    elif all(pd.api.types.is_numeric_dtype(each.dtype) for each in (old, new)):
        a, b = (each.to_numpy(dtype="float64", na_value=np.nan) for each in (old, new))
        other = a != b
    else:
        other = text(old).to_numpy(dtype=object) != text(new).to_numpy(dtype=object)
    return other & ~missing[0] & ~missing[1] | (missing[0] != missing[1])


def _same_codes(old: object, new: object) -> bool:
    """Whether two columns are categories that are numbered in the same way."""
    categories = [each for each in (old, new) if isinstance(each, pd.CategoricalDtype)]
    return len(categories) == 2 and categories[0].categories.equals(categories[1].categories)


def _values(
    table: str, variable: str, named: pd.DataFrame, old: pd.Series, new: pd.Series
) -> pd.DataFrame:
    """The values of a variable that differ, indexed as `named`."""
    kind = np.select([old.isna(), new.isna()], ["filled", "emptied"], "changed")
    return pd.DataFrame(
        {
            **{"table": table, "record": named["record"], "site": named["site"]},
            **{"variable": variable, "kind": kind},
            **{"old": text(old).array, "new": text(new).array},
        },
        index=named.index,
    ).astype("string")


def _fields(table: str, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    if not len(old.columns) or not len(new.columns):
        return pd.DataFrame(columns=list(FIELD))  # the whole table came or went
    rows = [(name, "field_added", new[name]) for name in new if name not in old]
    rows += [(name, "field_removed", old[name]) for name in old if name not in new]
    rows += [
        (name, "type_changed", new[name])
        for name in new
        if name in old and _type(old[name]) != _type(new[name])
    ]
    lines = [(table, name, kind, int(values.notna().sum())) for name, kind, values in rows]
    return pd.DataFrame(lines, columns=list(FIELD))


def _type(values: pd.Series) -> str:
    """What a column holds, whatever its categories or its precision."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return "category"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "date"
    if pd.api.types.is_bool_dtype(values.dtype):
        return "yes or no"
    return "number" if pd.api.types.is_numeric_dtype(values.dtype) else "text"
