"""The engine's own report: what was made, with captions, and nothing private."""

import re
import zipfile

from conftest import MAIN, ROOT, Project

from calcinosis import sections

CAPTIONS = ROOT / "workflow" / "report"


def test_it_shows_each_figure_and_page_with_its_caption(project: Project, tmp_path):
    made = tmp_path / "report.zip"
    ended = project.run("--report", str(made))
    assert ended.code == 0, ended.output
    with zipfile.ZipFile(made) as archive:
        names = [name.rsplit("/", 1)[-1] for name in archive.namelist()]
        page = archive.read("report/report.html").decode()
    figures = [
        path.name
        for cohort in MAIN
        for path in project.path(f"results/{cohort}/figures").glob("*.svg")
    ]
    assert sorted(name for name in names if name.endswith(".svg")) == sorted(figures)
    assert "swimmer_figure.svg" not in names  # one line for each patient
    assert names.count("tables.docx") == names.count("estimates.csv") == len(MAIN)
    for figure in {name.removesuffix(".svg") for name in figures}:
        assert sections.NAMES[figure] in page
        first = (CAPTIONS / f"{figure}.rst").read_text("utf-8").split("\n")[0]
        assert re.sub(r"\W+", "", first)[:40] in re.sub(r"\W+", "", page), figure


def test_every_figure_has_a_name_and_a_caption():
    figures = {figure for of in sections.FIGURES.values() for figure in of}
    figures |= {"flow_figure", *sections.EXTRA}
    assert set(sections.NAMES) == figures
    pages = {"report", "changes", "tables", "estimates", "index"}
    assert {path.stem for path in CAPTIONS.glob("*.rst")} == figures | pages
