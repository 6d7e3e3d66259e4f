"""Fingerprints: what a rule's result depends on besides its input files.

Snakemake sees input files, parameters and the script file, but not the modules that a script
imports, library versions, or an export that was replaced by one with an older date. Each is
turned into a short text that the rules carry as a parameter.
"""

import ast
import hashlib
import importlib.metadata
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from calcinosis.hashes import digest
from calcinosis.hashes import file_hash as file_hash  # what the rules know files by

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGE = "calcinosis"
_QUIET_NS = 2_000_000_000
"""A file that was written so shortly before it was read may be written once more within the
resolution of its times."""
_DISTRIBUTIONS = {"docx": "python-docx", "PIL": "pillow", "yaml": "PyYAML"}
"""Import names that differ from the name of the distribution."""


class Remembered:
    """What was found in files, found again only when a file's size, time or inode differ.

    An export may have a gigabyte, and each job of a cluster parses the rules anew.

    Parameters
    ----------
    file : a JSON file that keeps it between runs (losing it costs one reading); None: nothing
        outlives this process
    """

    def __init__(self, file: str | Path | None = None):
        self._file = Path(file) if file else None
        # What is found depends on the version of Python, the libraries that read, and this module.
        read_with = [importlib.metadata.version(n) for n in ("pandas", "pydantic", "PyYAML")]
        self._finder = f"{sys.version} {read_with} {Path(__file__).stat().st_mtime_ns}"
        self._known: dict[str, Any] = {}
        self._changed = False
        if self._file is not None:
            with suppress(OSError, json.JSONDecodeError):  # what another may not read is found anew
                finder, known = json.loads(self._file.read_text("utf-8"))
                self._known = known if finder == self._finder else {}

    def of(self, path: str | Path, find: Callable[[Path], Any]) -> Any:
        """`find(path)`, plain values, remembered by the name of `find` and the file."""
        path = Path(path).absolute()  # `resolve` would ask for each folder above
        key, state = f"{find.__name__}:{path}", _state(path)
        if key not in self._known or self._known[key][0] != state:
            self._known[key] = [state, find(path)]
            self._changed = True
        return self._known[key][1]

    def of_all(self, key: str, given: Any, find: Callable[[], tuple[Any, Iterable[str]]]) -> Any:
        """What `find` makes of several files, until one of them or a module here differs.

        Parameters
        ----------
        key : name of what is found
        given : plain values that it depends on as well
        find : returns plain values, and the paths of the files that they are made of; a file that
            is not there yet counts as well
        """
        of, states, value = self._known.get(key, ("", {}, None))
        known = states and of == digest(given)
        if not known or any(_state(path) != state for path, state in states.items()):
            began = time.time_ns()
            value, files = find()
            states = {path: _state(path) for path in (*files, *map(str, _modules(_ROOT).values()))}
            # A file that may have changed while it was read is read again at the next start.
            quiet = began - _QUIET_NS
            settled = all(state is None or max(state[1:3]) < quiet for state in states.values())
            self._known[key] = [digest(given), states if settled else {}, value]
            self._changed = True
        return value

    def save(self) -> None:
        """Write the file if anything new was found; several processes may do so at once."""
        if self._file is not None and self._changed:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self._file.parent, delete=False
            ) as new:
                json.dump([self._finder, self._known], new)
            Path(new.name).replace(self._file)
            self._changed = False


def _state(path: str | Path) -> list[int] | None:
    """What tells a file's versions apart without reading it; None where there is no file."""
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def code_fingerprint(script: str | Path, remembered: Remembered | None = None) -> str:
    """A fingerprint of what a script does: its code, the modules it imports, their libraries.

    Made from the syntax trees without docstrings, so that comments, white space and documentation
    change nothing. Library versions and the Python version belong to it.

    Parameters
    ----------
    script : path of a script that imports modules of this package absolutely
    remembered : what is known of files whose size, time and inode are the same

    Returns
    -------
    hexadecimal text of 16 characters
    """
    script = Path(script).resolve()
    code = _closure(script, remembered or Remembered())
    trees = {
        path.name if path == script else str(path.relative_to(_ROOT)): tree
        for path, (tree, _) in code.items()
    }
    versions = {name: _version(name) for name in sorted(_libraries(code))}
    return digest([trees, versions, sys.version_info[:2]])


Code = tuple[str, list[str]]
"""The hash of a file's syntax tree, and the dotted names that it imports."""


def _closure(script: Path, remembered: Remembered) -> dict[Path, Code]:
    """A script and the files of this package that it imports, directly or not."""
    found: dict[Path, Code] = {}
    open_paths = [script]
    while open_paths:
        path = open_paths.pop()
        if path not in found:
            found[path] = remembered.of(path, _parse)
            for name in found[path][1]:
                open_paths += _files(name, _ROOT)
    return found


def _libraries(code: dict[Path, Code]) -> set[str]:
    tops = {name.split(".")[0] for _, names in code.values() for name in names}
    return tops - {_PACKAGE} - set(sys.stdlib_module_names)


def _parse(path: Path) -> Code:
    tree = ast.parse(path.read_text("utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # `from calcinosis import plan` may name modules; `from calcinosis.plan import X` one.
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
        else:
            _drop_docstring(node)
    text = ast.dump(tree, include_attributes=False)
    return hashlib.sha256(text.encode()).hexdigest(), sorted(imported)


def _drop_docstring(node: ast.AST) -> None:
    """Remove texts that stand alone as statements: documentation changes no result."""
    body = getattr(node, "body", None)
    if isinstance(body, list):
        body[:] = [
            statement
            for statement in body
            if not (
                isinstance(statement, ast.Expr)
                and isinstance(statement.value, ast.Constant)
                and isinstance(statement.value.value, str)
            )
        ] or [ast.Pass()]


@cache
def _modules(root: Path) -> dict[str, Path]:
    """The files of this package by the dotted names of their modules."""
    package = root / _PACKAGE
    paths = [Path(folder, file) for folder, _, files in os.walk(package) for file in files]
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
        if path.suffix == ".py"
    }


def _files(name: str, root: Path) -> list[Path]:
    """The files that importing a dotted name of this package runs."""
    parts, modules = name.split("."), _modules(root)
    dotted = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    return [modules[part] for part in dotted if part in modules]


@cache
def _version(library: str) -> str:
    return importlib.metadata.version(_DISTRIBUTIONS.get(library, library))
