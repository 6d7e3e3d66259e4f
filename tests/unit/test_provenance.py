"""Fingerprints of code and exports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders import ROOT

from calcinosis import provenance

SCRIPT = "from house.room import first\n\n\ndef main():\n    return first(1)\n"
FIRST = '"""About."""\n\nfrom house import deep\n\n\ndef first(x):\n    return deep.second(x)\n'
DEEP = '"""About."""\n\nimport json\n\n\ndef second(x):\n    """Add."""\n    return x + 1\n'


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A package whose script reaches `deep` over `room`, and a module that nobody imports."""
    for name, text in (
        ("house/__init__.py", ""),
        ("house/room.py", FIRST),
        ("house/deep.py", DEEP),
        ("house/other.py", "A = 1\n"),
        ("script.py", SCRIPT),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    monkeypatch.setattr(provenance, "_ROOT", tmp_path)
    monkeypatch.setattr(provenance, "_PACKAGE", "house")

    def edit(name: str, old: str, new: str) -> None:
        path = tmp_path / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
        time = path.stat().st_mtime_ns + 1_000_000
        os.utime(path, ns=(time, time))  # a coarse clock must not hide the edit

    return tmp_path, edit


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("house/deep.py", "return x + 1", "return x + 1  # one more"),
        ("house/deep.py", "return x + 1", "return (x\n            + 1)"),
        ("house/deep.py", '"""Add."""', '"""Add one."""'),
        ("house/deep.py", '"""About."""\n', ""),
        ("house/room.py", "\n\n\n", "\n\n\n\n# a comment\n"),
        ("script.py", "def main", "# a comment\ndef main"),
        ("house/other.py", "A = 1", "A = 2"),
    ],
)
def test_comments_docstrings_white_space_and_strangers_change_nothing(house, name, old, new):
    folder, edit = house
    before = provenance.code_fingerprint(folder / "script.py")
    edit(name, old, new)
    assert provenance.code_fingerprint(folder / "script.py") == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("house/deep.py", "x + 1", "x + 2"),
        ("house/deep.py", "import json", "import math"),
        ("house/room.py", "deep.second(x)", "deep.second(x + 0)"),
        ("house/__init__.py", "", "SEED = 1\n"),
        ("script.py", "first(1)", "first(2)"),
    ],
)
def test_code_counts_two_imports_deep(house, name, old, new):
    folder, edit = house
    before = provenance.code_fingerprint(folder / "script.py")
    edit(name, old, new)
    assert provenance.code_fingerprint(folder / "script.py") != before


def test_an_import_within_a_function_counts(house):
    folder, edit = house
    edit("script.py", "    return", "    from house import other\n\n    return")
    before = provenance.code_fingerprint(folder / "script.py")
    edit("house/other.py", "A = 1", "A = 2")
    assert provenance.code_fingerprint(folder / "script.py") != before


def test_the_version_of_a_library_counts(house, monkeypatch):
    folder, edit = house
    edit("house/deep.py", "import json", "import yaml")
    prints = set()
    for version in ("6.0.2", "6.0.3"):
        monkeypatch.setattr(provenance, "_version", {"yaml": version}.__getitem__)
        prints.add(provenance.code_fingerprint(folder / "script.py"))
    assert len(prints) == 2


def test_the_version_is_that_of_the_installed_library(house, monkeypatch):
    folder, edit = house
    edit("house/deep.py", "import json", "import yaml")
    prints = set()
    for version in ("1", "2"):
        provenance._version.cache_clear()
        monkeypatch.setattr(provenance.importlib.metadata, "version", {"PyYAML": version}.get)
        prints.add(provenance.code_fingerprint(folder / "script.py"))
    provenance._version.cache_clear()
    assert len(prints) == 2


def test_a_module_that_is_newly_imported_counts(house):
    folder, edit = house
    before = provenance.code_fingerprint(folder / "script.py")
    edit("house/deep.py", "import json", "import json\n\nimport house.other")
    assert provenance.code_fingerprint(folder / "script.py") != before


def test_modules_that_import_each_other_end(house):
    folder, edit = house
    edit("house/deep.py", "import json", "from house import room")
    assert len(provenance.code_fingerprint(folder / "script.py")) == 16


SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_fingerprint_of_a_script_is_of_what_it_imports(script):
    """Every module of the package that is loaded counts, and no other that may not be loaded.

    Readers of carriers are imported when a file needs them, models where the data allow one.
    """
    code = f"import runpy, sys; runpy.run_path({str(script)!r}, run_name='loaded'); " + (
        "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'calcinosis'))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {Path(file) for file in run.stdout.split()}
    counted = set(provenance._closure(script, provenance.Remembered())) - {script}
    assert loaded <= counted
    assert {path.parent.name for path in counted - loaded} <= {"carriers", "estimate"}


def test_a_digest_depends_on_values_and_not_on_the_order_of_keys():
    assert provenance.digest({"a": 1, "b": [1, 2]}) == provenance.digest({"b": [1, 2], "a": 1})
    assert provenance.digest({"a": 1, "b": 2}) != provenance.digest({"a": 2, "b": 1})
    assert provenance.digest([1, 2]) != provenance.digest([2, 1])


def test_a_file_hash_is_sha256(tmp_path):
    """`printf abc | sha256sum` (FIPS 180-2, example B.1)."""
    (tmp_path / "x").write_bytes(b"abc")
    assert provenance.file_hash(tmp_path / "x") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


class TestRemembered:
    @pytest.fixture(autouse=True)
    def _file(self, tmp_path):
        self.path, self.cache = tmp_path / "export.csv", tmp_path / "new" / "cache.json"
        self.path.write_bytes(b"old")
        self.readings = []

    def read(self, path: Path) -> str:
        self.readings.append(path)
        return path.read_text("utf-8")

    def found(self) -> str:
        """What a run finds that starts with what the runs before it have saved."""
        remembered = provenance.Remembered(self.cache)
        found = remembered.of(self.path, self.read)
        remembered.save()
        return found

    def test_an_unchanged_file_is_read_once(self):
        assert [self.found(), self.found()] == ["old", "old"]
        assert len(self.readings) == 1

    def test_a_touched_file_is_read_again(self):
        self.found()
        os.utime(self.path, ns=(1, 1))
        assert self.found() == "old"
        assert len(self.readings) == 2

    def test_other_content_with_an_older_date_is_seen(self):
        self.found()
        self.path.write_bytes(b"other")
        os.utime(self.path, ns=(1, 1))
        assert self.found() == "other"

    def test_a_swapped_file_of_the_same_size_and_time_is_seen(self):
        self.found()
        stat = self.path.stat()
        swapped = self.path.with_suffix(".swap")
        swapped.write_bytes(b"new")
        os.utime(swapped, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        swapped.replace(self.path)
        assert self.path.stat().st_mtime_ns == stat.st_mtime_ns
        assert self.found() == "new"

    @pytest.mark.parametrize("broken", ["{", '["of another Python", {}]'])
    def test_a_broken_or_foreign_memory_costs_one_reading(self, broken):
        self.found()
        self.cache.write_text(broken, "utf-8")
        assert self.found() == "old"
        assert len(self.readings) == 2

    def test_a_memory_that_cannot_be_read_costs_one_reading(self):
        """Another user's, in a folder that several share; root may read all, so a folder here."""
        self.cache.mkdir(parents=True)
        assert provenance.Remembered(self.cache).of(self.path, self.read) == "old"
        assert len(self.readings) == 1

    def test_it_keeps_one_entry_a_file(self):
        self.found()
        self.path.write_bytes(b"other")
        self.found()
        assert self.cache.read_text("utf-8").count("export.csv") == 1

    def test_what_is_found_in_a_file_in_two_ways_is_told_apart(self):
        remembered = provenance.Remembered()
        assert remembered.of(self.path, self.read) == "old"
        assert remembered.of(self.path, provenance.file_hash) == provenance.file_hash(self.path)

    def test_code_that_is_remembered_has_the_fingerprint_of_code_that_is_read(self, house):
        script, edit = house[0] / "script.py", house[1]
        remembered = provenance.Remembered()
        for old, new in (("x + 1", "x + 2"), ("x + 2", "x + 3")):
            edit("house/deep.py", old, new)
            before = provenance.code_fingerprint(script, remembered)
            assert before == provenance.code_fingerprint(script, remembered)
            assert before == provenance.code_fingerprint(script)
