"""`docs/rebuild.md` with the rebuild contract as its table; `make schemas` writes it."""

from pathlib import Path

from contract import CONTRACT
from rule_sets import CLEANING, PAGES, REPORTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rebuild.md"
START, END = "<!-- generated from tests/workflow/contract.py -->\n", "<!-- end -->\n"
GROUPS = (
    ("cleaning to datasets", CLEANING - {"changes"}),
    ("report, Word file, index", PAGES - {"changes", "verdict"}),
    ("report, Word file", REPORTS - {"changes", "verdict"}),
)


def table() -> str:
    """The contract for people: groups of rules that always go together have one name."""
    lines = ["| change | rules that run |", "|---|---|"]
    for change, (_, rules) in CONTRACT.items():
        left, words = rules - {"manifest", "verdict"}, []
        for name, group in GROUPS:
            if group <= left:
                words.append(name)
                left -= group
        words += [f"`{rule}`" for rule in sorted(left)]
        lines.append(f"| {change} | {', '.join(words) or 'nothing'} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """`docs/rebuild.md` with its table as the contract says."""
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    return f"{before}{START}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
