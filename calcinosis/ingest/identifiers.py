"""Columns that look as if they identify a person: by name in English and Thai, and by values."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_WORDS = re.compile(
    r"""\b(
      (first|last|full|given|family|middle|maiden|patients?|pt|subject)\ ?names?
    | surname | forename | nickname | initials
    | hn | mrn | an | (medical|hospital)\ ?(record|chart|file)?\ ?(number|no|num|id)
    | (citizen|national|identity|personal)\ ?(id|card|number|no)(\ (number|no))? | nid | ssn
    | social\ security | passport | id\ card
    | (tele|cell)?\ ?phones? | tel | mobile | fax | e\ ?mail
    | (home|postal|street)?\ ?address | post\ ?code | zip(\ ?code)?
    | dob | birth\ ?(date|day) | born\ on | date\ of\ birth
    | next\ of\ kin | facebook | line\ id
    )\b""",
    re.VERBOSE,
)
_WHOLE = frozenset({"name", "names", "patient"})
_THAI = (
    *("ชื่อ", "นามสกุล", "ชื่อเล่น", "บัตรประชาชน", "เลขประจำตัว", "เลขที่บัตร", "เลขที่โรงพยาบาล"),
    *("โทร", "เบอร์", "มือถือ", "อีเมล", "ที่อยู่", "บ้านเลขที่", "รหัสไปรษณีย์"),
    *("วันเกิด", "วันเดือนปีเกิด", "ญาติ", "หนังสือเดินทาง"),
)

_ID = r"\d[ -]?\d{4}[ -]?\d{5}[ -]?\d{2}[ -]?\d"
_THAI_PHONE = r"(?:\+66[ -]?\(?0?\)?[ -]?|0)(?:[689]\d|[2-57])[ -]?\d{3}[ -]?\d{4}"
_OTHER_PHONE = r"\+\d{1,3}[ -]?\d{2,4}(?:[ -]?\d{2,4}){2,3}"
_CITIZEN = re.compile(rf"(?<!\d){_ID}(?!\d)")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[a-z]{2,}", re.IGNORECASE)
_PHONE = re.compile(rf"(?<![\d.+/-]){_THAI_PHONE}(?![\d.])|(?<![\d.]){_OTHER_PHONE}(?![\d.])")
MAY_IDENTIFY = (
    rf"(?s)@|(?:^|\D){_ID}(?:\D|$)|(?:^|[^\d.+/-]){_THAI_PHONE}(?:[^\d.]|$)|{_OTHER_PHONE}"
    r"|\pN.*[^\x00-\x7f]|[^\x00-\x7f].*\pN"
)
"""A pattern of Arrow that fits every text of which `kind_of_text` says that it identifies, and few
others: a long column is looked at whole, and only these texts one by one."""
FEWEST = 3
"""Fewer cells make no column."""
SHORTEST = len("a@b.th")
"""No shorter text identifies a person."""


def named(name: str) -> bool:
    """Whether the name of a column says that it identifies a person.

    Parameters
    ----------
    name : as in the export, such as `PatientName`, `HN` or `เบอร์โทร`
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = " ".join(re.findall(r"[^\W\d_]+", spaced)).casefold()
    return words in _WHOLE or bool(_WORDS.search(words)) or any(word in name for word in _THAI)


def kind_of_text(text: str) -> str:
    """What in a text identifies a person: `citizen id`, `e-mail`, `phone number`, or nothing."""
    plain = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text
    )
    if any(is_citizen_id(found) for found in _CITIZEN.findall(plain)):
        return "citizen id"
    if _EMAIL.search(plain):
        return "e-mail"
    return "phone number" if _PHONE.search(plain) else ""


def kind_of_cells(counts: Iterable[tuple[str, int]], others: int = 0) -> str:
    """What most cells of a column hold that identifies a person; empty where they do not.

    Parameters
    ----------
    counts : spelling and how often it stands
    others : number of cells beside them, filled with what identifies nobody
    """
    kinds = Counter[str]()
    for text, count in counts:
        if text.strip():
            kinds[kind_of_text(text)] += count
    filled, found = kinds.total() + others, kinds.total() - kinds.pop("", 0)
    if filled < FEWEST or 2 * found <= filled:
        return ""
    return kinds.most_common(1)[0][0]


def is_citizen_id(text: str) -> bool:
    """Whether a text is a Thai citizen id: 13 digits of which the last is the check digit.

    The check digit is 11 less the sum of digit times weight (13 down to 2) modulo 11, modulo 10
    (Department of Provincial Administration).
    """
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) != 13:
        return False
    total = sum(digit * weight for digit, weight in zip(digits, range(13, 1, -1), strict=False))
    return (11 - total % 11) % 10 == digits[12]
