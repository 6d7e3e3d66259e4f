"""What each rule of the workflow reads, as the rule files say.

The report names the dataset behind each number, and `calcinosis explain` the whole chain; both read
it here, so that nobody keeps a second list of it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

RULES = Path(__file__).resolve().parents[1] / "workflow" / "rules"
_RULE = re.compile(r"^(?:rule|checkpoint) (\w+):$", re.MULTILINE)
_DATASET = re.compile(r"/datasets/(\w+)\.parquet")
_ESTIMATES = re.compile(r"/estimates/(\w+)\.csv")
_FACT = re.compile(r'(\w+)=fact\("([^"]+)"\)')
_SCRIPT = re.compile(r'"\.\./scripts/(\w+)\.py"')


@dataclass(frozen=True)
class Origin:
    """A rule: where it stands, its script, and what it reads.

    Parameters
    ----------
    file : name of the rule file
    script : name of its script
    datasets : names of the analysis datasets, also of those behind estimates that it reads
    facts : name of a parameter to its place among the facts of the cohort
    """

    file: str
    script: str
    datasets: tuple[str, ...]
    facts: dict[str, str]


def rules(folder: Path = RULES) -> dict[str, Origin]:
    """The rules that write estimates, by name."""
    texts: dict[str, tuple[str, str]] = {}
    for file in sorted(folder.glob("*.smk")):
        _, *parts = _RULE.split(file.read_text("utf-8"))
        texts |= {
            name: (file.name, text) for name, text in zip(parts[::2], parts[1::2], strict=True)
        }
    return {
        name: Origin(
            file, _SCRIPT.findall(text)[0], _datasets(name, texts), dict(_FACT.findall(text))
        )
        for name, (file, text) in texts.items()
        if name in _ESTIMATES.findall(_part(text, "output"))
    }


def _datasets(name: str, texts: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    read = _part(texts[name][1], "input")
    found = _DATASET.findall(read)
    for other in _ESTIMATES.findall(read):
        found += _datasets(other, texts)
    return tuple(dict.fromkeys(found))


def _part(text: str, keyword: str) -> str:
    """The lines of a rule below a keyword."""
    found = re.search(rf"^    {keyword}:\n((?: {{8}}.*\n)+)", text, re.MULTILINE)
    return found.group(1) if found else ""
