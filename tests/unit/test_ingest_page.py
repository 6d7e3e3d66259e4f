"""The example of docs/ingest.md, run."""

import re

from builders import LATEST, ROOT, read_codebook

from calcinosis.ingest import cleaning


def test_the_example_of_the_docs_does_what_it_says(tmp_path):
    page = (ROOT / "docs" / "ingest.md").read_text("utf-8")
    blocks = dict(re.findall(r"```\w+ (\w+)\n(.*?)```", page, re.DOTALL))
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(blocks[f"file_{name}"], "utf-8")
    files = {"patients": [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]}
    cleaned = cleaning.clean(files, read_codebook(tmp_path, blocks["codebook"]), latest=LATEST)
    assert cleaned.tables["patients"].to_csv(index=False) == blocks["table"]
    origin = cleaned.origins["patients"].itertuples(index=False, name=None)
    places = [("a.csv", 2), ("a.csv", 3), ("b.csv", 2), ("b.csv", 3)]
    assert [(file, row) for _, file, row in origin] == places
    said = [
        f"{q.file}, row {q.row}, column '{q.column}', {q.rule}: {q.question}"
        for q in cleaned.queries.itertuples()
    ]
    assert said == blocks["questions"].splitlines()
