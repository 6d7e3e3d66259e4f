"""Files that are there whole or not at all, whenever a process is killed or the power fails."""

import os
from collections.abc import Sequence
from pathlib import Path


def place(path: Path, content: bytes, closed: Sequence[Path] = ()) -> None:
    """Write a file under another name and rename it.

    Parameters
    ----------
    path : of the file; its folder is made where it is not there
    content : its bytes
    closed : folders of private files, which become 0700, and the file 0600, whatever the umask
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in closed:
        folder.chmod(0o700)
    written = path.with_name(f".{path.name}.new")
    written.unlink(missing_ok=True)  # what a killed run has left
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if closed else 0o666)
    with os.fdopen(descriptor, "wb") as file:
        if closed:
            os.fchmod(descriptor, 0o600)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    written.replace(path)
