"""Fingerprints: what a rule's result depends on besides its input files.

Snakemake sees input files, parameters and the script file, but not the modules that a script
imports, library versions, or an export that was replaced by one with an older date. Each is
turned into a short text that the rules carry as a parameter.
"""

import ast
import hashlib
import importlib.metadata
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from calcinosis.errors import InputError

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGE = "calcinosis"
_DISTRIBUTIONS = {"docx": "python-docx", "yaml": "PyYAML"}
"""Import names that differ from the name of the distribution."""


def digest(value: Any) -> str:
    """A short fingerprint of plain values (dictionaries, lists, strings, numbers)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def export_hash(path: str | Path, cache_file: str | Path) -> str:
    """SHA-256 of an export, read again only when its size, time or inode differ.

    Parameters
    ----------
    path : the export
    cache_file : a JSON file that this function keeps; losing it costs one reading
    """
    cache_path, stat = Path(cache_file), Path(path).stat()
    key = f"{Path(path).resolve()}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ino}"
    try:
        known: dict[str, str] = json.loads(cache_path.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        known = {}
    if key not in known:
        prefix = f"{Path(path).resolve()}:"
        known = {k: v for k, v in known.items() if not k.startswith(prefix)}
        known[key] = file_hash(path)
        cache_path.parent.mkdir(parents=True, exist_ok=True)
        new = cache_path.with_suffix(".new")
        new.write_text(json.dumps(known, indent=0, sort_keys=True), "utf-8")
        new.replace(cache_path)
    return known[key]


def code_fingerprint(script: str | Path) -> str:
    """A fingerprint of what a script does: its code, the modules it imports, their libraries.

    Made from the syntax trees without docstrings, so that comments, white space and documentation
    change nothing. Library versions and the Python version belong to it.

    Parameters
    ----------
    script : path of a script that imports modules of this package absolutely

    Returns
    -------
    hexadecimal text of 16 characters
    """
    paths, libraries = _closure(Path(script))
    trees = {
        path.name if path == Path(script) else str(path.relative_to(_ROOT)): _tree(path)
        for path in paths
    }
    versions = {name: _version(name) for name in sorted(libraries)}
    return digest([trees, versions, sys.version_info[:2]])


def modules_of(script: str | Path) -> set[Path]:
    """The files of this package that a script imports, directly or not."""
    paths, _ = _closure(Path(script))
    return paths - {Path(script)}


def _closure(script: Path) -> tuple[set[Path], set[str]]:
    """A script and the files of this package that it imports; the libraries of all of them."""
    paths: set[Path] = set()
    libraries: set[str] = set()
    open_paths = [script]
    while open_paths:
        path = open_paths.pop()
        if path in paths:
            continue
        paths.add(path)
        _, modules, outside = _parse(path, path.stat().st_mtime_ns)
        libraries |= outside
        open_paths += modules
    return paths, libraries


def _tree(path: Path) -> str:
    return _parse(path, path.stat().st_mtime_ns)[0]


@cache
def _parse(path: Path, _time: int) -> tuple[str, tuple[Path, ...], frozenset[str]]:
    """The hash of one file's tree, its package modules, and the libraries that it imports."""
    tree = ast.parse(path.read_text("utf-8"))
    modules: set[Path] = set()
    libraries: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # `from calcinosis import plan` may name modules; `from calcinosis.plan import X` one.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            _drop_docstring(node)
            continue
        for name in names:
            top = name.split(".")[0]
            if top == _PACKAGE:
                modules |= _files(name)
            elif top not in sys.stdlib_module_names:
                libraries.add(top)
    text = ast.dump(tree, include_attributes=False)
    return (
        hashlib.sha256(text.encode()).hexdigest(),
        tuple(sorted(modules)),
        frozenset(libraries),
    )


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


def _files(name: str) -> set[Path]:
    """The files that importing a dotted name of this package runs."""
    found: set[Path] = set()
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        path = _ROOT.joinpath(*parts[:length])
        if path.with_suffix(".py").is_file():
            found.add(path.with_suffix(".py"))
        elif (path / "__init__.py").is_file():
            found.add(path / "__init__.py")
    return found


@cache
def _version(library: str) -> str:
    return importlib.metadata.version(_DISTRIBUTIONS.get(library, library))
