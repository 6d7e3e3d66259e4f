"""Two versions of a table: which records came, went and changed, and in which values."""

import time

import numpy as np
import pandas as pd
import pytest

from calcinosis.records import tables

SITES = pd.Series({"P1": "kk", "P2": "ud", "P3": "kk"})


def patients(**columns) -> pd.DataFrame:
    frame = pd.DataFrame({"patient_id": ["P1", "P2", "P3"], "age": [40.0, 50.0, None]})
    return frame.assign(**columns)


def readings(*dates: str, grade: str = "none") -> pd.DataFrame:
    """A film of P1 with two regions at each date."""
    days = pd.to_datetime(pd.Series([date for date in dates for _ in range(2)]))
    return pd.DataFrame(
        {"patient_id": "P1", "film_date": days, "region": ["a", "b"] * len(dates), "grade": grade}
    )


def differ(old, new, table="patients"):
    return tables.difference(table, old, new, SITES, SITES)


def kinds(found) -> dict[str, str]:
    return dict(zip(found.records["record"], found.records["kind"], strict=True))


def values(found) -> set[tuple[str, ...]]:
    columns = ["record", "variable", "kind", "old", "new"]
    return set(found.values[columns].itertuples(index=False, name=None))


def test_the_same_table_in_another_order_of_rows_and_columns_is_the_same():
    old = patients(sex=pd.Categorical(["m", "f", None]))
    found = differ(old, old.iloc[::-1, ::-1])
    assert set(kinds(found).values()) == {"same"}
    assert found.values.empty
    assert found.fields.empty


def test_added_removed_changed_filled_and_emptied():
    new = pd.DataFrame({"patient_id": ["P3", "P1", "P4"], "age": [60.0, 41.0, 30.0]})
    found = differ(patients(), new)
    assert kinds(found) == {"P1": "changed", "P2": "removed", "P3": "changed", "P4": "added"}
    assert values(found) == {
        ("P1", "age", "changed", "40", "41"),
        ("P3", "age", "filled", "", "60"),
    }
    assert dict(zip(found.records["record"], found.records["site"], strict=True)) == {
        **{"P1": "kk", "P2": "ud", "P3": "kk", "P4": ""}
    }
    back = differ(new, patients())
    assert ("P3", "age", "emptied", "60", "") in values(back)


def test_a_renamed_column_is_one_gone_and_one_new_and_changes_no_record():
    found = differ(patients(), patients().rename(columns={"age": "years"}))
    assert set(kinds(found).values()) == {"same"}
    assert found.fields.to_numpy().tolist() == [
        ["patients", "years", "field_added", 2],
        ["patients", "age", "field_removed", 2],
    ]


@pytest.mark.parametrize(("old", "new", "kind"), [(0, 4, "added"), (4, 0, "removed")])
def test_a_table_that_appears_or_goes(old, new, kind):
    whole = readings("2015-01-01", "2018-01-01")
    parts = [whole if size else pd.DataFrame() for size in (old, new)]
    found = differ(*parts, table="readings")
    assert list(found.records["kind"]) == [kind] * 4
    assert found.records["record"].iloc[0] == "P1 | 2015-01-01 | a"
    assert found.values.empty


@pytest.mark.parametrize("table", ["patients", "readings"])
def test_no_rows_on_either_side(table):
    for old, new in [
        (pd.DataFrame(), pd.DataFrame()),
        (patients().iloc[:0], patients().iloc[:0]),
        (pd.DataFrame(), patients().iloc[:0]),
    ]:
        found = differ(old, new, table)
        assert found.records.empty
        assert found.values.empty


def test_duplicate_keys_are_paired_by_what_they_say_not_by_their_row():
    old = pd.DataFrame({"patient_id": ["P1", "P1", "P2"], "age": [40.0, 41.0, 50.0]})
    assert set(kinds(differ(old, old.iloc[[1, 2, 0]])).values()) == {"same"}
    found = differ(old, old.iloc[[0, 2]])
    assert sorted(found.records["kind"]) == ["removed", "same", "same"]
    assert found.values.empty


def test_all_rows_changed():
    found = differ(patients(age=[1.0, 2.0, 3.0]), patients(age=[4.0, 5.0, 6.0]))
    assert set(kinds(found).values()) == {"changed"}
    assert len(found.values) == 3


def test_another_type_is_named_and_the_same_value_is_the_same():
    old, new = patients(age=[40.0, 50.0, None]), patients(age=["40", "51", None])
    found = differ(old, new)
    assert values(found) == {("P2", "age", "changed", "50", "51")}
    assert found.fields.to_numpy().tolist() == [["patients", "age", "type_changed", 2]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (pd.Categorical(["a", "b", None]), pd.Categorical(["a", "b", None], ["b", "a", "c"])),
        (pd.array([1, 2, None], "Int64"), pd.array([1.0, 2.0, None], "Float64")),
        (pd.array([1, 2, 3], "int64"), pd.array([1.0, 2.0, 3.0], "float64")),
        (
            pd.to_datetime(pd.Series(["2015-01-01", "2016-01-01", None])).astype("datetime64[ms]"),
            pd.to_datetime(pd.Series(["2015-01-01", "2016-01-01", None])).astype("datetime64[ns]"),
        ),
        (pd.array([True, False, None], "boolean"), pd.array([True, False, None], "boolean")),
        (pd.array(["a", "b", None], "string"), pd.Series(["a", "b", None], dtype=object)),
    ],
)
def test_how_a_value_is_stored_is_no_change(old, new):
    found = differ(patients(x=old), patients(x=new))
    assert found.values.empty
    assert found.fields.empty


def test_a_corrected_date_of_a_film_is_a_change_of_its_readings():
    old, new = readings("2015-01-01", "2018-01-01"), readings("2015-01-01", "2018-02-01")
    found = differ(old, new, "readings")
    assert sorted(found.records["kind"]) == ["changed", "changed", "same", "same"]
    assert values(found) == {
        (f"P1 | 2018-02-01 | {region}", "film_date", "changed", "2018-01-01", "2018-02-01")
        for region in "ab"
    }


def test_a_date_that_could_be_of_several_films_is_not_guessed():
    old, new = readings("2015-01-01", "2018-01-01"), readings("2015-02-01", "2018-02-01")
    found = differ(old, new, "readings")
    assert sorted(found.records["kind"]) == ["added"] * 4 + ["removed"] * 4


def test_a_date_and_a_grade_changed_together():
    old, new = readings("2015-01-01"), readings("2015-02-01", grade="mild")
    found = differ(old, new, "readings")
    assert set(found.records["kind"]) == {"changed"}
    assert sorted(found.values["variable"]) == ["film_date", "film_date", "grade", "grade"]


def test_a_part_of_the_key_that_one_version_lacks_is_a_column_that_came():
    old = readings("2015-01-01").drop(columns="region").iloc[:1]
    found = differ(old, readings("2015-01-01").iloc[:1], "readings")
    assert list(found.records["kind"]) == ["same"]
    assert found.fields["variable"].tolist() == ["region"]


def test_against_a_slow_comparison_of_dictionaries():
    """Random tables with integer, text and missing values; seeds are fixed."""
    for seed in range(20):
        draws = np.random.default_rng(seed)

        def version(draws=draws):
            ids = draws.permutation(12)[: draws.integers(0, 12)]
            return pd.DataFrame(
                {
                    "patient_id": pd.array([f"P{i}" for i in ids], "string"),
                    "x": draws.choice([0.0, 1.0, np.nan], len(ids)),
                    "y": pd.array(draws.choice(["a", "b"], len(ids)), "string"),
                }
            )

        old, new = version(), version()
        found = kinds(differ(old, new))
        before, after = (
            {row["patient_id"]: (str(row["x"]), row["y"]) for row in frame.to_dict("records")}
            for frame in (old, new)
        )
        assert found == {
            name: "added"
            if name not in before
            else "removed"
            if name not in after
            else "same"
            if before[name] == after[name]
            else "changed"
            for name in {*before, *after}
        }


def test_two_hundred_thousand_records_take_no_loop_over_rows():
    """A loop in Python over the rows of twelve columns would take several times as long."""
    size = 200_000
    draws = np.random.default_rng(1)
    old = pd.DataFrame({f"x{i}": draws.normal(size=size) for i in range(11)})
    old["patient_id"] = pd.Series(np.arange(size)).astype("string")
    new = old.sample(frac=1, random_state=1).iloc[: size - 100]
    new = new.assign(x1=new["x1"].where(new.index % 100 != 0, 0.5))
    began = time.perf_counter()
    found = tables.difference("patients", old, new, {}, {})
    assert time.perf_counter() - began < 10
    assert (found.records["kind"] == "removed").sum() == 100
    assert len(found.values) == (new.index % 100 == 0).sum()
