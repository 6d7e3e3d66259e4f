"""From the bytes of a text file to UTF-8, or a message that names the first byte that is not."""

import codecs
import csv
import re
from pathlib import Path

from calcinosis.errors import InputError
from calcinosis.ingest.carriers.sheet import ExportFile, Note

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "byte_order_mark"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf_16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf_16"),
)
_THAI = re.compile("[ก-ฮฯเ-ไ๐-๙][ก-ฺเ-๛]+")
_WESTERN = re.compile("[À-ÖØ-öø-ÿŒœŠšŽžŸ‘’“”–—°±µ²³]+")


def utf8(file: ExportFile, content: bytes) -> tuple[bytes, list[Note]]:
    """The content as UTF-8 without its byte order mark.

    A mark decides over the declared encoding. Content that is declared as UTF-8 is handed on
    unchecked; `decoded` checks it.

    Raises
    ------
    InputError
        The content is not of the declared encoding, or it is UTF-8 and declared otherwise.
    """
    encoding, notes = _known(file), []
    for mark, marked, rule in _MARKS:
        if content.startswith(mark):
            encoding, content = marked, content[len(mark) :]
            notes = [Note(rule, "", "", 1)]
    if encoding == "utf-8":
        return content, notes
    if not notes and not content.isascii() and _is(content, "utf-8"):
        raise InputError(
            f"{file.path}: declared as {encoding}, but it is UTF-8, and would be read as other "
            "letters; delete `encoding` of the file in the cohort file"
        )
    try:
        return content.decode(encoding).encode(), notes
    except UnicodeDecodeError as error:
        row = _row(content, error.start)
        raise InputError(
            f"{file.path}: not {encoding} at byte {error.start}, row {row}; look at `encoding` of "
            "the file in the cohort file"
        ) from None


def decoded(path: Path, content: bytes, delimiter: str) -> str:
    """The text of UTF-8.

    Raises
    ------
    InputError
        Names the byte, row and column of what is not UTF-8, and the encoding that it looks like.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        row = _row(content, error.start)
        begin = max(content.rfind(end, 0, error.start) for end in (b"\n", b"\r")) + 1
        before = content[begin : error.start].decode(errors="replace")
        column = max(1, len(next(csv.reader([before], delimiter=delimiter), [])))
        raise InputError(
            f"{path}: not UTF-8 at byte {error.start}, row {row}, column {column}; "
            f"{_advice(content)}"
        ) from None


def _known(file: ExportFile) -> str:
    try:
        return codecs.lookup(file.encoding).name.removesuffix("-sig")
    except LookupError:
        raise InputError(
            f"{file.path}: '{file.encoding}' is not a known encoding; try utf-8, or for Thai cp874"
        ) from None


def _row(content: bytes, position: int) -> int:
    return len(content[: position + 1].splitlines())


def _is(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _advice(content: bytes) -> str:
    """Name the encoding as which all letters beyond ASCII make sense, or the single bad cell."""
    pieces = re.findall(rb"[\x80-\xff]+", content)
    if any(_is(piece, "utf-8") for piece in pieces):
        return "other cells are UTF-8: correct this one, or save the file as UTF-8 again"
    for encoding, letters in (("cp874", _THAI), ("cp1252", _WESTERN)):
        if all(_is(piece, encoding) for piece in pieces):
            words = sum(bool(letters.fullmatch(piece.decode(encoding))) for piece in pieces)
            if 2 * words > len(pieces):
                return (
                    f"it reads well as {encoding}: set encoding: {encoding} for the file in "
                    "export.tables of the cohort file, or save the file as UTF-8"
                )
    return (
        "save the file as UTF-8, or name its encoding in export.tables of the cohort file "
        "(Thai: cp874, Western: cp1252)"
    )
