"""Imports go one way: ingest, derive, estimate, present; and no room knows the engine."""

import ast

import pytest
from builders import ROOT

LIBRARY = ROOT / "calcinosis"
MODULES = sorted(LIBRARY.rglob("*.py"))
FORBIDDEN = {
    "ingest": {"derive", "estimate", "present"},
    "derive": {"ingest", "estimate", "present"},
    "estimate": {"ingest", "derive", "present"},
    "present": {"ingest", "derive", "estimate"},
}


def imported(text: str) -> set[str]:
    """Dotted names that a module imports, also within functions; relative ones start with '.'."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return names


def rooms(names: set[str]) -> set[str]:
    """The parts of the library that names lie in."""
    return {name.split(".")[1] for name in names if name.startswith("calcinosis.")}


def of_room(room: str) -> list:
    found = [path for path in MODULES if path.parts[len(LIBRARY.parts)] == room]
    assert found, room
    return found


def problems(path, text: str) -> set[str]:
    room = path.parts[len(LIBRARY.parts)]
    names = imported(text)
    found = {f"imports {other}" for other in rooms(names) & FORBIDDEN.get(room, set())}
    if {name.split(".")[0] for name in names} & {"snakemake"}:
        found.add("imports snakemake")
    if any(name.startswith(".") for name in names):
        found.add("imports relatively")
    if "simulate" in rooms(names) and room not in ("simulate", "__main__.py"):
        found.add("imports simulate")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_imports_go_one_way(path):
    assert problems(path, path.read_text("utf-8")) == set()


@pytest.mark.parametrize("room", FORBIDDEN)
def test_every_room_is_there(room):
    assert of_room(room)


@pytest.mark.parametrize(
    ("module", "text", "found"),
    [
        ("derive/x.py", "from calcinosis import estimate", "imports estimate"),
        ("derive/x.py", "import calcinosis.present.page", "imports present"),
        (
            "derive/x.py",
            "def f():\n    from calcinosis.ingest.parsing import Fate",
            "imports ingest",
        ),
        ("present/x.py", "from calcinosis.derive import severity", "imports derive"),
        ("estimate/x.py", "from . import logistic", "imports relatively"),
        ("plan.py", "import snakemake.utils", "imports snakemake"),
        ("ingest/x.py", "from calcinosis.simulate.mess import Export", "imports simulate"),
    ],
)
def test_the_test_sees_what_is_forbidden(module, text, found):
    assert problems(LIBRARY / module, text) == {found}


def test_scripts_are_short_and_leave_the_work_to_the_library():
    for path in sorted((ROOT / "workflow" / "scripts").glob("*.py")):
        names = imported(path.read_text("utf-8"))
        assert "simulate" not in rooms(names), path.name
        assert not any(name.startswith(("snakemake", ".")) for name in names), path.name


SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
LINES = 35


def mentions(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "snakemake" for n in ast.walk(node))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
class TestScripts:
    def test_the_first_words_say_what_the_step_does(self, path):
        assert ast.get_docstring(ast.parse(path.read_text("utf-8")))

    def test_it_is_short(self, path):
        """Blank lines do not count."""
        lines = path.read_text("utf-8").splitlines()
        assert sum(bool(line.strip()) for line in lines) <= LINES

    def test_only_the_last_block_knows_the_engine(self, path):
        *before, last = ast.parse(path.read_text("utf-8")).body
        assert isinstance(last, ast.If)
        assert ast.unparse(last.test) == "__name__ == '__main__'"
        assert mentions(last)
        assert not [node.lineno for node in before if mentions(node)]
