"""The participant flow and the data quality as rows."""

import pandas as pd

from calcinosis.estimates import Row, count


def flow_rows(flow: pd.DataFrame, records: pd.DataFrame) -> list[Row]:
    """Participant flow: records in the export, then what left at each step, then who is analysed.

    Parameters
    ----------
    flow : patient_id, left_at (ordered category of steps, kind/name, the last `analysed`)
    records : dataset `records`: kind (rows_in, rows_excluded), rule, count

    Returns
    -------
    rows with `term` records, excluded_record, patients, excluded or analysed, and the step as
    `level`; steps that nobody left are there with 0
    """
    exported = int(records.loc[records["kind"] == "rows_in", "count"].sum())
    rows = [count("flow", exported, term="records", unit="records")]
    for excluded in records[records["kind"] == "rows_excluded"].itertuples():
        out = {"term": "excluded_record", "level": str(excluded.rule), "unit": "records"}
        rows.append(count("flow", int(excluded.count), **out))
    rows.append(count("flow", len(flow), term="patients", unit="patients"))
    for step, number in flow["left_at"].value_counts(sort=False).items():
        term, _, level = str(step).partition("/")
        rows.append(count("flow", int(number), term=term, level=level, unit="patients"))
    return rows


def quality_rows(quality: pd.DataFrame) -> list[Row]:
    """Counts of ingest: `group` is the table, `term` what is counted, `level` variable or rule."""
    counted = quality.groupby(["kind", "table", "variable", "rule"], sort=True)["count"].sum()
    rows = []
    for (kind, table, variable, rule), number in counted.items():
        of_cells = "cells" in kind or kind in ("normalisations", "corrections")
        unit = "cells" if of_cells else "records"
        unit = "queries" if kind == "queries" else unit
        rows.append(
            count("quality", int(number), group=table, term=kind, level=variable or rule, unit=unit)
        )
    queries = int(quality.loc[quality["kind"] == "queries", "count"].sum())
    rows.append(count("quality", queries, term="open_queries", unit="queries"))
    return rows
