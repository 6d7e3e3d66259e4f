"""An analysis fails: its numbers are gone everywhere; what is left is what a fresh run makes."""

import re
import shutil
import zipfile

import pytest
from checkouts import copy_project
from disturbed import Disturbed

from calcinosis import estimates

ANALYSES = {
    "incidence": ("calcinosis/estimate/incidence.py", "    rows = []\n"),
    "multivariable": (
        "calcinosis/estimate/models.py",
        "    def multivariable_rows(self) -> list[Row]:\n",
    ),
}


def broken(project: Disturbed, analysis: str) -> None:
    path, line = ANALYSES[analysis]
    text = project.path(path).read_text("utf-8")
    indent = "    " if line.startswith("    rows") else "        "
    project.path(path).write_text(text.replace(line, f"{line}{indent}1 / 0\n", 1), "utf-8")


@pytest.mark.parametrize("analysis", ANALYSES)
def test_no_old_number_survives_anywhere(
    finished: Disturbed, undisturbed: Disturbed, tmp_path, analysis: str
):
    broken(finished, analysis)
    ended = finished.run()
    assert ended.code != 0
    assert f"early_ssc: {analysis}: ZeroDivisionError" in ended.output
    fresh = Disturbed(copy_project(tmp_path / "fresh").folder)
    broken(fresh, analysis)
    assert fresh.run().code != 0
    assert finished.differences(fresh) == []
    home = finished.path("results/early_ssc")
    rows = estimates.read(home / "estimates.csv")
    of_it = [row for row in rows if row.analysis == analysis]
    assert [row.status for row in of_it] == ["failed"]
    page = (home / "report.html").read_text("utf-8")
    assert page.index(f"The analysis {analysis} failed") < page.index("<h2")
    assert f'data-result-id="{analysis}/' not in page
    index = finished.path("results/index.html").read_text("utf-8")
    assert "failed" in index
    with zipfile.ZipFile(home / "tables.docx") as document:
        word = re.sub("<[^>]*>", "", document.read("word/document.xml").decode())
    assert f"The analysis {analysis} failed" in word
    # The chain of what is there is whole, and the verdict is not.
    said = finished.verify()
    assert said.code == 1
    assert said.output.splitlines()[0].startswith("missing  results/verdict.txt: ")
    assert len(said.output.splitlines()) == 2
    path, _ = ANALYSES[analysis]
    shutil.copy2(undisturbed.path(path), finished.path(path))
    assert finished.run().code == 0
    assert finished.differences(undisturbed) == []
