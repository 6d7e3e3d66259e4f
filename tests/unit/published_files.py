"""Files of printed numbers for tests."""

from pathlib import Path

from calcinosis.estimate.published import published_rows
from calcinosis.estimates import Row
from calcinosis.plan.published import read_published, settings

HEAD = "citation: A paper\nform: cohort\nnumbers:\n"
COUNT = "  patients: {kind: count, says: S, where: W, count: '53'}\n"


def entry(name: str, kind: str, **keys: object) -> str:
    """A line of the file; texts stand in quotes."""
    said = {"says": f"the {name}", "where": "abstract", **keys}
    values = ", ".join(f"{key}: {_yaml(value)}" for key, value in said.items())
    return f"  {name}: {{kind: {kind}, {values}}}\n"


def _yaml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def content(folder: Path, *lines: str, head: str = HEAD) -> dict:
    path = folder / "published.yaml"
    path.write_text(head + "".join(lines), "utf-8")
    return read_published(path)


def rows_of(
    folder: Path,
    *lines: str,
    head: str = HEAD,
    ours: list[Row] | None = None,
    simulated: bool = False,
) -> list[Row]:
    """The rows of a file."""
    return published_rows(
        settings(content(folder, *lines, head=head), simulated=simulated), ours or []
    )


def levels(rows: list[Row]) -> dict[tuple[str, str], str]:
    """What each check found: number and check to level."""
    return {(row.term, row.level): row.statistic for row in rows if row.model == "consistency"}


def serious(rows: list[Row]) -> dict[tuple[str, str], str]:
    """Errors and notes."""
    return {key: level for key, level in levels(rows).items() if level in ("error", "note")}
