"""What is kept of a run, gathered from what its steps have written."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calcinosis.frames import read_frame
from calcinosis.records import questions
from calcinosis.records.classes import classes
from calcinosis.spreadsheets import csv_text, read_csv

AS_THEY_ARE = ("estimates", "patients", "readings", "corrections")
"""Files that are kept with their own bytes."""


def contents(source: Any, made: Mapping[str, Any]) -> dict[str, bytes]:
    """The bytes of everything that is kept of a run.

    Parameters
    ----------
    source : paths by attribute: estimates, patients, readings, corrections (kept as they are),
        scored, flow, queries, and films and intervals, empty where the plan compares no films
    made : what made the results: `export` (hash and date), `plan` (its sections that change
        numbers), `codebook` (fingerprint without labels), `lines` (`table/variable` to the
        fingerprint of its codebook lines, `rule/id` to that of a rule), `code` (script to the
        fingerprint of its code)

    Returns
    -------
    by the names of `runs.CONTENTS`
    """
    export, lines, plan = made["export"], made["lines"], made["plan"]
    films, intervals = (
        read_frame(path) if (path := source.get(name)) else None for name in ("films", "intervals")
    )
    outcome = plan["models"] and plan["models"]["outcome"]
    patients, flow = read_frame(source.scored), read_frame(source.flow)
    counted = classes(patients, flow, films, intervals, outcome)
    asked = questions.asked(read_csv(source.queries), export["hash"], export["date"], lines)
    return {name: Path(getattr(source, name)).read_bytes() for name in AS_THEY_ARE} | {
        "settings": _settings(made),
        "classes": counted.to_parquet(),
        "questions": csv_text(asked).encode(),
    }


def _settings(made: Mapping[str, Any]) -> bytes:
    """What made the results beside the export, as JSON."""
    kept = {name: made[name] for name in ("plan", "codebook", "lines", "code")}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, indent=1).encode()
