"""The Word file whose page and styles `tables.docx` takes: what must be in it.

Read before any job, so with the standard library alone.
"""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

STYLES = ("Heading 1", "Heading 2", "Caption")
"""The styles of Word's own that the tables, figures and chapters have."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def problem(path: str | Path) -> str:
    """What keeps a file from being the template; empty where nothing does.

    Parameters
    ----------
    path : of a file that a user has made

    Returns
    -------
    one sentence that says what to do
    """
    try:
        with zipfile.ZipFile(path) as archive:
            kinds, styles = archive.read("[Content_Types].xml"), archive.read("word/styles.xml")
    except FileNotFoundError:
        return f"there is no file {path}; it is taken from the plan's own folder"
    except (OSError, KeyError, zipfile.BadZipFile):
        return f"{path} is no Word file; save it in Word as a document (.docx)"
    if _MAIN.encode() not in kinds:
        return f"{path} is no Word document but a template or one with macros; save it as .docx"
    try:
        named = _style_names(styles)
    except ElementTree.ParseError:
        return f"the styles of {path} cannot be read; open it in Word and save it anew"
    missing = [name for name in STYLES if name.lower() not in named]
    if missing:
        return (
            f"{path} has no style {', '.join(missing)}; in Word, give a line each of these styles "
            "once, delete it again, and save"
        )
    return ""


def _style_names(styles: bytes) -> set[str]:
    """The names of paragraph styles, as Word writes them in every language."""
    found = set()
    for style in ElementTree.fromstring(styles).iter(f"{_WORD}style"):
        name = style.find(f"{_WORD}name")
        if name is not None:
            found.add(name.get(f"{_WORD}val", "").lower())
    return found
