"""What is wrong with a plan or configuration, in words for those who write one."""

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from calcinosis.errors import nearest
from calcinosis.plan.section import NAME
from calcinosis.strict_yaml import Location

_WANTED = {
    "string_type": "write a word or a text; numbers, true and false as text stand in quotes",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "float_type": "write a number, with a point for decimals",
    "bool_type": "write true or false",
    "list_type": "write a list, such as [first, second]",
    "dict_type": "write keys with their values, such as {key: value}",
    "string_too_short": "write a text; it is empty",
    "date_type": "write a day as year-month-day, such as 2020-12-31",
    "date_parsing": "write a day as year-month-day, such as 2020-12-31",
    "date_from_datetime_parsing": "write a day as year-month-day, such as 2020-12-31",
    "date_from_datetime_inexact": "write a day without a time, such as 2020-12-31",
    "literal_error": "write one of: {expected}",
    "greater_than": "write a number above {gt:g}",
    "greater_than_equal": "write a number of {ge:g} or more",
    "less_than": "write a number below {lt:g}",
    "less_than_equal": "write a number of {le:g} or less",
    "too_short": "too few: at least {min_length} must stand here",
}


_OF_SECTIONS = ("model_type", "model_attributes_type")
"""What pydantic says where a section has a value in place of keys."""


def explain(
    error: ValidationError, model: type[BaseModel], path: str, lines: dict[Location, int]
) -> str:
    """All problems of a file, one a line: file, line, key, what to write and what was found.

    Parameters
    ----------
    error : what the model says
    model : the model of the file
    path : the file
    lines : the line of each key and list item
    """
    problems = []
    for problem in error.errors():
        at = tuple(part for part in problem["loc"] if part != "[key]")
        known = at
        while known and known not in lines:
            known = known[:-1]
        key = ".".join(map(str, at)) or "the plan"
        if problem["type"] == "extra_forbidden":
            said = f"unknown key '{key}': {nearest(str(at[-1]), _keys(model, at[:-1]))}"
        elif problem["type"] == "missing":
            said = f"'{key}' is missing and has no default"
        elif problem["type"] in _OF_SECTIONS:
            keys = ", ".join(_keys(model, at))
            said = f"{key}: write its keys with their values below it: {keys}"
        else:
            found = problem["input"]
            shown = f" (found: {found!r})" if isinstance(found, str | int | float | bool) else ""
            said = f"{key}: {_wanted(problem)}{shown}"
        problems.append(f"{path}:{lines.get(known, 1)}: {said}")
    return "\n".join(problems)


def _wanted(problem: ErrorDetails) -> str:
    """What should stand there."""
    facts = problem.get("ctx", {})
    if problem["type"] == "string_pattern_mismatch" and facts["pattern"] == NAME:
        return "write a name of a-z, 0-9, '_', '.' and '-' that begins with a letter or digit"
    if problem["type"] in _WANTED:
        return _WANTED[problem["type"]].format(**facts)
    return problem["msg"].removeprefix("Value error, ")


def _keys(model: type[BaseModel], at: tuple[str | int, ...]) -> list[str]:
    """The keys that are valid at a place of the plan."""
    schema = model.model_json_schema()
    here = schema
    for part in at:
        here = _resolve(here, schema)
        here = (
            here.get("properties", {}).get(part)
            or next(iter(here.get("patternProperties", {}).values()), None)
            or here.get("additionalProperties")
            or here.get("items", {})
        )
    return sorted(_resolve(here, schema).get("properties", {}))


def _resolve(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in node.get("anyOf", [node]) if option.get("type") != "null"]
    node = options[0]
    reference = node.get("$ref") or next((o["$ref"] for o in node.get("allOf", [])), None)
    return schema["$defs"][reference.rsplit("/", 1)[1]] if reference else node
