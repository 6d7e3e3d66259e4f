"""`docs/bad_input.md`: each case, what happens, and what the project says; made by running them.

`make schemas` writes it.
"""

import re
import tempfile
from pathlib import Path

from case import Case
from harness import Run, Runs
from table import CASES

from calcinosis import estimates

PAGE = Path(__file__).resolve().parents[3] / "docs" / "bad_input.md"
START, END = "<!-- generated from tests/unit/bad_input -->\n", "<!-- end -->\n"
WORDS = {
    "stop": "stops",
    "query": "asks",
    "normalise": "accepts and counts",
    "accept": "goes on",
}


def table(runs: Runs) -> str:
    """All cases as they are handled, one line each."""
    lines = ["| | what is in the export | the run | what it says |", "|---:|---|---|---|"]
    for case in CASES:
        said = _said(case, runs.of(case.start, case.change))
        said = _short(said).replace("<", "&lt;")
        words = (str(case.number), _short(case.title), WORDS[case.outcome], said)
        lines.append(f"| {' | '.join(words)} |")
    return "\n".join(lines) + "\n"


def _said(case: Case, run: Run) -> str:
    if case.stop:
        return run.message.strip()
    if case.asked:
        return " ".join(dict.fromkeys(query["question"] for query in run.log("queries")))
    if case.same_as is None:
        rows = estimates.read(run.home / "estimates.csv")
        return next((r.note for r in rows if r.statistic == "odds_ratio" and r.note), "")
    notes = {
        f"{entry['rule'].replace('_', ' ')}" + (f" of {entry['column']}" if entry["column"] else "")
        for entry in run.log("normalisations")
    }
    return ", ".join(sorted(notes))


def _short(text: str) -> str:
    """A text in one cell of a table: on one line, and no word of it is endless."""
    text = " ".join(re.sub(r"(\w{60})\w{60,}", r"\1…", text).split())
    return "".join(c for c in text if c.isprintable()).replace("|", "\\|")


def page(runs: Runs) -> str:
    """The page with its table as the cases are handled."""
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    return f"{before}{START}\n{table(runs)}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(page(Runs(Path(folder))), "utf-8")
