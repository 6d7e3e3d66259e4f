"""The participant flow and the data quality as rows."""

import pandas as pd

from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row, count


def flow_rows(flow: pd.DataFrame, records: pd.DataFrame) -> list[Row]:
    """Participant flow: records in the export, then what left at each step, then who is analysed.

    Parameters
    ----------
    flow : patient_id, left_at (ordered category of steps, kind/name, the last `analysed`), and
        unknown_kept/<criterion> (boolean) where a criterion keeps missing values
    records : dataset `records`: kind (rows_in, rows_excluded), rule, count

    Returns
    -------
    rows with `term` records, excluded_record, patients, excluded or analysed, and the step as
    `level`; steps that nobody left are there with 0, and so are, as `unknown_kept`, the patients
    who passed a criterion without a value
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
        kept = f"unknown_kept/{level}"
        if kept in flow:
            passed = int(flow[kept].sum())
            rows.append(
                count("flow", passed, term="unknown_kept", level=level, unit="patients kept")
            )
    return rows


def quality_rows(quality: pd.DataFrame, checks: pd.DataFrame) -> list[Row]:
    """Counts of ingest: `group` is the table, `term` what is counted, `level` variable or rule.

    Parameters
    ----------
    quality : kind, table, variable, rule, count (of the kinds `first_year` and `last_year`, the
        year)
    checks : table, rule, kahn (class of data quality), severity, failing, applicable,
        not_applicable

    Returns
    -------
    counts; and per rule of `checks`, with its class as `outcome` and `<severity>_rule` as `term`,
    the share that fails of the cells or rows that it could judge, and the number of the others
    """
    counted = quality.groupby(["kind", "table", "variable", "rule"], sort=True)["count"].sum()
    rows = []
    for (kind, table, variable, rule), number in counted.items():
        if kind in ("first_year", "last_year"):
            year = Row(
                analysis="quality",
                group=str(table),
                term=str(kind),
                level=str(variable),
                statistic="year",
                estimate=int(number),
            )
            rows.append(year)
            continue
        of_cells = "cells" in kind or kind in ("normalisations", "corrections")
        unit = "cells" if of_cells else "records"
        unit = "queries" if kind == "queries" else unit
        rows.append(
            count("quality", int(number), group=table, term=kind, level=variable or rule, unit=unit)
        )
    for check in checks.itertuples():
        identity = {
            "outcome": str(check.kahn),
            "group": str(check.table),
            "term": f"{check.severity}_rule",
            "level": str(check.rule),
        }
        share, others = "of applicable", int(check.not_applicable)
        rows += [
            proportion(
                "quality",
                int(check.failing),
                int(check.applicable),
                interval=False,
                unit=share,
                **identity,
            ),
            count("quality", others, unit="not applicable", **identity),
        ]
    queries = int(quality.loc[quality["kind"] == "queries", "count"].sum())
    rows.append(count("quality", queries, term="open_queries", unit="queries"))
    return rows
