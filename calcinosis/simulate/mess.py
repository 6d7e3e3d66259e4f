"""An export in two versions, clean and messy, with the key of what was planted."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Record = dict[str, str]


@dataclass
class Export:
    """Tables as text, by file name, and the answer key.

    Parameters
    ----------
    columns : our variable names to the export's, per file
    clean : rows with canonical values
    messy : rows as the export shows them
    key : one entry per planted defect: file, row (physical line), column (of the export; empty
        where the whole row is meant), raw, kind (normalise, missing, query, inert), rule
    """

    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    clean: dict[str, list[Record]] = field(default_factory=dict)
    messy: dict[str, list[Record]] = field(default_factory=dict)
    key: list[dict[str, str]] = field(default_factory=list)

    def add(self, file: str, columns: dict[str, str], rows: list[Record]) -> None:
        """Add a table; both versions are equal at first."""
        self.columns[file] = columns
        self.clean[file] = rows
        self.messy[file] = [dict(row) for row in rows]

    def rows(self, file: str) -> Iterator[tuple[int, Record]]:
        """Index and clean record of each row."""
        return enumerate(self.clean[file])

    def current(self, file: str, index: int) -> Record:
        """A copy of a row as the messy export shows it."""
        return dict(self.messy[file][index])

    def spell(self, file: str, index: int, variable: str, raw: str, rule: str) -> None:
        """Write a value in another accepted way."""
        if raw != self.clean[file][index][variable]:
            self._plant(
                file,
                index,
                variable,
                raw,
                "missing" if rule == "missing_code" else "normalise",
                rule,
            )

    def lose(self, file: str, index: int, variable: str, raw: str, rule: str) -> None:
        """Replace a value by a word or code for missing, in the clean version by nothing."""
        self.clean[file][index][variable] = ""
        self._plant(file, index, variable, raw, "missing", rule)

    def ask(self, file: str, index: int, variable: str, raw: str, rule: str) -> None:
        """Replace a value by one that must become a question."""
        self._plant(file, index, variable, raw, "query", rule)

    def note(self, file: str, index: int, variable: str, raw: str) -> None:
        """Write a text that must stay a text."""
        self.clean[file][index][variable] = raw
        self._plant(file, index, variable, raw, "inert", "")

    def append(self, file: str, record: Record, rule: str) -> None:
        """Append a row that must become a question."""
        self.messy[file].append(dict(record))
        self._enter(file, len(self.messy[file]) - 1, "", record["patient_id"], "query", rule)

    def _plant(self, file: str, index: int, variable: str, raw: str, kind: str, rule: str) -> None:
        self.messy[file][index][variable] = raw
        self._enter(file, index, variable, raw, kind, rule)

    def _enter(self, file: str, index: int, variable: str, raw: str, kind: str, rule: str) -> None:
        entry = {"file": file, "row": str(index + 2), "raw": raw, "kind": kind, "rule": rule}
        self.key.append(entry | {"column": self.columns[file].get(variable, "")})

    def write(self, folder: str | Path, *, version: str) -> list[Path]:
        """Write `messy` or `clean` tables, or the `key`, as CSV files; returns their paths."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if version == "key":
            path = folder / "answer_key.csv"
            columns = ("file", "row", "column", "raw", "kind", "rule")
            key = sorted(self.key, key=lambda e: (e["file"], int(e["row"]), e["column"], e["rule"]))
            _write_csv(path, columns, [[entry[c] for c in columns] for entry in key])
            return [path]
        paths = []
        for file, columns_of in self.columns.items():
            rows = (self.messy if version == "messy" else self.clean)[file]
            path = folder / file
            _write_csv(
                path,
                tuple(columns_of.values()),
                [[row[name] for name in columns_of] for row in rows],
            )
            paths.append(path)
        return paths


def _write_csv(path: Path, header: tuple[str, ...], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
