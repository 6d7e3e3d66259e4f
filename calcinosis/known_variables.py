"""The variables that a plan may name, and what is wrong with a name."""

from collections.abc import Callable, Iterable

from calcinosis.errors import nearest
from calcinosis.ingest.codebook import Variable

Levels = tuple[str, ...]
Say = Callable[..., None]
"""Called with a problem (nothing happens where it is empty) and the key that it is about."""

YES_NO: Levels = ("no", "yes")
NUMBER, GRADE, CATEGORY, _TEXT = "a number", "a grade", "a category", "a text"
_TYPES = {
    "integer": NUMBER,
    "number": NUMBER,
    "ordinal": GRADE,
    "category": CATEGORY,
    "binary": CATEGORY,
}


class Known:
    """The variables of patients so far: those of the codebook, then what the plan derives."""

    def __init__(self, variables: Iterable[Variable]):
        patients = [v for v in variables if v.table == "patients"]
        self.identifiers = {v.name for v in patients if v.identifier}
        kept = [v for v in patients if not v.identifier]
        self.kind = {v.name: _TYPES.get(v.type, _TEXT) for v in kept}
        self.levels = {v.name: v.levels for v in kept}
        # A variable has several lines where files write it differently.
        self._limits = [(v.name, v.low, v.high) for v in kept]

    def add(self, name: str, kind: str, levels: Levels = ()) -> str:
        """Add what the plan derives; what is wrong where the codebook has such a name already."""
        taken = name in self.kind or name in self.identifiers
        self.kind[name], self.levels[name] = kind, levels
        return f"'{name}' is derived here; rename the variable of the codebook" if taken else ""

    def add_score(self, name: str) -> str:
        """Add a number with its bounds."""
        problems = [self.add(each, NUMBER) for each in (name, f"{name}_lower", f"{name}_upper")]
        return next(filter(None, problems), "")

    def absent(self, name: str) -> str:
        """What is wrong with the name of a variable; empty where it is there."""
        if name in self.identifiers:
            return f"'{name}' is an identifier, which no analysis sees"
        if name not in self.kind:
            return f"there is no variable '{name}' of patients: {nearest(name, self.kind)}"
        return ""

    def not_a(self, name: str, *kinds: str) -> str:
        """What is wrong where a variable must be one of `kinds`."""
        return self.absent(name) or (
            "" if self.kind[name] in kinds else f"'{name}' is {self.kind[name]}, not {kinds[0]}"
        )

    def not_yes_no(self, name: str) -> str:
        """What is wrong where a variable must be yes or no."""
        wrong = self.absent(name)
        if not wrong and self.levels[name] != YES_NO:
            wrong = f"'{name}' is no yes/no variable; its levels in the codebook must be no|yes"
        return wrong

    def not_within(self, name: str, highest: float) -> str:
        """What is wrong where a number of the codebook must lie from 0 to `highest`."""
        return self.not_between(name, 0, highest)

    def not_between(self, name: str, lowest: float, highest: float) -> str:
        """What is wrong where a number of the codebook must lie within limits."""
        wrong = self.not_a(name, NUMBER)
        limits = [(low, high) for of, low, high in self._limits if of == name]
        within = [
            low is not None and high is not None and lowest <= low <= high <= highest
            for low, high in limits
        ]
        if not wrong and not (within and all(within)):
            wrong = f"'{name}' needs min {lowest:g} and max {highest:g} in the codebook"
        return wrong

    def no_level(self, name: str, level: str) -> str:
        """What is wrong where a variable must have a level."""
        wrong = self.not_a(name, CATEGORY, GRADE)
        if not wrong and level not in self.levels[name]:
            wrong = f"'{name}' has no level '{level}': {nearest(level, self.levels[name])}"
        return wrong
