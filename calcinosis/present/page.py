"""Rendering: templates with escaping always on and no undefined value."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from calcinosis.present.blocks import Cell, Counted, Link, Paragraph, Picture, Table


def render(template: str, **values: Any) -> str:
    """Render a template of this package; everything is escaped.

    Parameters
    ----------
    template : its file name
    values : what it shows

    Raises
    ------
    jinja2.UndefinedError
        The template asks for a value that is not there.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests.update(
        {
            "cell": lambda part: isinstance(part, Cell),
            "counted": lambda part: isinstance(part, Counted),
            "link": lambda part: isinstance(part, Link),
            "paragraph": lambda block: isinstance(block, Paragraph),
            "table": lambda block: isinstance(block, Table),
            "picture": lambda block: isinstance(block, Picture),
        }
    )
    return environment.get_template(template).render(**values)
