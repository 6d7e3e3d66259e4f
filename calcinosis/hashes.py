"""Hashes of values and files; every step takes them, hence apart from how code is fingerprinted."""

import hashlib
import json
from pathlib import Path
from typing import Any

from calcinosis.errors import InputError


def digest(value: Any) -> str:
    """A short fingerprint of plain values (dictionaries, lists, strings, numbers)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def content_hash(content: bytes) -> str:
    """SHA-256 of bytes: the `file_hash` of a file that holds them."""
    return hashlib.sha256(content).hexdigest()


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
