"""YAML as its writer meant it, with the line of every key.

`yaml.safe_load` keeps the last of two equal keys, reads `no` as false, `012` as ten and `1_000`
as a thousand. Here a duplicate key stops the run, and a plain word is a boolean or a number only
where YAML 1.2's core schema says so.
"""

import math
import re
from pathlib import Path
from typing import Any

import yaml

from calcinosis.errors import InputError

Location = tuple[str | int, ...]

_BOOLEANS = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def load(path: str | Path) -> tuple[Any, dict[Location, int]]:
    """Read one YAML file strictly.

    Parameters
    ----------
    path : path of the file, UTF-8

    Returns
    -------
    value : the content as dictionaries, lists, strings, numbers, booleans and None
    lines : the line (from 1) of each key and list item, by its location in `value`

    Raises
    ------
    InputError
        The file is absent or unreadable, a key stands twice, a tag such as `!!python` is used,
        or a text has control characters.
    """
    path = Path(path)
    try:
        node = _compose(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        said = f"not valid YAML: {error.problem}"
        if "'\\t'" in str(error.problem):
            said = "a tab stands where a line is indented; indent with spaces"
        raise InputError(f"{path}:{line}: {said}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {error}") from None
    lines: dict[Location, int] = {}
    if node is None:
        return {}, lines
    return _value(node, (), lines, path, ()), lines


def _compose(text: str) -> yaml.Node | None:
    """The nodes of a text; the loader in C is ten times as fast, the other's errors are clearer."""
    try:
        return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return yaml.compose(text, Loader=yaml.SafeLoader)


def _value(
    node: yaml.Node,
    at: Location,
    lines: dict[Location, int],
    path: Path,
    above: tuple[yaml.Node, ...],
) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(at, line)
    if node.tag != _untagged(node):
        raise InputError(f"{path}:{line}: the tag {node.tag} is not allowed; write plain values")
    if any(node is outer for outer in above):
        raise InputError(f"{path}:{line}: this value holds itself; write it out")
    above = (*above, node)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, key_line = str(key_node.value), key_node.start_mark.line + 1
            if key in result:
                raise InputError(
                    f"{path}:{key_line}: the key '{key}' stands twice (first in line "
                    f"{lines[(*at, key)]}); keep one of them"
                )
            lines[(*at, key)] = key_line
            result[key] = _value(value_node, (*at, key), lines, path, above)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*at, i), lines, path, above) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    if _CONTROL.search(node.value):
        raise InputError(f"{path}:{line}: there is a control character, which no page can show")
    return node.value if node.style else _plain(node.value)


def _untagged(node: yaml.Node) -> str:
    """The tag of a node whose writer gave it none."""
    implicit = (not getattr(node, "style", None), True)
    return str(yaml.SafeLoader("").resolve(type(node), node.value, implicit))


def _plain(word: str) -> Any:
    if word in ("", "~", "null"):
        return None
    if word in _BOOLEANS:
        return _BOOLEANS[word]
    if _INTEGER.fullmatch(word):
        return int(word)
    if _NUMBER.fullmatch(word) and math.isfinite(float(word)):
        return float(word)
    return word
