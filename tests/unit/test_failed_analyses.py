"""An analysis that fails leaves its chapter empty; the report and the figures are made."""

import pytest
from test_bone_density_pages import LABEL, MORE, section

from calcinosis import estimates
from calcinosis.plan.analyses import Describe
from calcinosis.present import bone_density_tables, patient_tables
from calcinosis.present.figures import bone_density, transitions
from calcinosis.present.words import Book


def failed(analysis: str) -> list[estimates.Row]:
    return estimates.attempt(analysis, lambda: [][0])


def test_table_1_is_absent():
    plan = Describe(by="calcinosis", variables=["age"]).model_dump()
    assert patient_tables.describe(Book(failed("describe")), plan, LABEL) is None


def test_tables_of_bone_density_are_absent():
    plan = section("calcinosis", **MORE).model_dump()
    assert bone_density_tables.tables(Book(failed("bone_density")), plan, LABEL) == []


@pytest.mark.parametrize(
    ("analysis", "draw"),
    [
        ("transitions", lambda path: transitions.figure(path, {}, "film")),
        ("bone_density", lambda path: bone_density.figure(path, {})),
    ],
)
def test_figures_show_nothing(tmp_path, analysis, draw):
    estimates.write(failed(analysis), tmp_path / "rows.csv")
    assert list(draw(tmp_path / "rows.csv").data) == []
