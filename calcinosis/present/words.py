"""Labels of variables and levels, and the sentences that state a finding."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from calcinosis.estimates import Row


def capital(text: str) -> str:
    """The text with a capital at its start; abbreviations and names within it stay as they are."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


class Labels:
    """What people read instead of names.

    Parameters
    ----------
    labels : variable or level to label; names without one are shown with spaces
    """

    def __init__(self, labels: Mapping[str, str]):
        self._labels = labels

    def __call__(self, name: str) -> str:
        """The label of a variable or level."""
        return self._labels.get(name, name.replace("_", " "))

    def inside(self, name: str) -> str:
        """The label within a sentence: a capital stays only in an abbreviation or symbol."""
        label = self(name)
        return label[0].lower() + label[1:] if label[1:2].islower() else label

    def term(self, row: Row) -> str:
        """A term of a model with its level and reference, or with its unit of change."""
        if row.level == "yes" and row.reference == "no":
            return self(row.term)
        if row.level:
            return f"{self(row.term)}: {self(row.level)} v {self(row.reference)}"
        return f"{self(row.term)}, {row.unit}"

    def group(self, name: str) -> str:
        """A group named `<variable>=<level>`; a yes/no variable reads with or without it."""
        variable, equals, level = name.partition("=")
        if not equals:
            return self(name)
        if level in ("yes", "no"):
            return f"{'with' if level == 'yes' else 'no'} {self.inside(variable)}"
        return f"{self(variable)}: none" if level == "none" else self(level)

    def reason(self, row: Row) -> str:
        """Why records or patients left the flow."""
        prefix = {
            "criterion_not_met": "criterion not met: ",
            "criterion_unknown": "not known: ",
            "unknown_kept": "not known, and kept: ",
        }
        return prefix.get(row.term, "") + self(row.level)


class Book:
    """The rows of one cohort, found by what they are.

    Parameters
    ----------
    rows : the estimates of the cohort
    """

    def __init__(self, rows: Iterable[Row]):
        self.rows = list(rows)
        self._by: dict[str, dict[str, list[Row]]] = {}

    def all(self, **match: str) -> list[Row]:
        """All rows whose text fields equal `match`, in the order of the table."""
        candidates = [self._having(field).get(value, []) for field, value in match.items()]
        found = min(candidates, key=len, default=self.rows[:])
        for field, value in match.items():
            found = [row for row in found if getattr(row, field) == value]
        return found

    def _having(self, field: str) -> dict[str, list[Row]]:
        """The rows by their value of a field: a page looks up hundreds among thousands."""
        if field not in self._by:
            rows_of = self._by[field] = defaultdict(list)
            for row in self.rows:
                rows_of[getattr(row, field)].append(row)
        return self._by[field]

    def one(self, **match: str) -> Row | None:
        """The only row that matches, or None.

        Raises
        ------
        LookupError
            Several rows match, so that the caller did not say which number is meant.
        """
        found = self.all(**match)
        if len(found) > 1:
            raise LookupError(f"{len(found)} estimates match {match}")
        return found[0] if found else None
