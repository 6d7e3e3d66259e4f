"""Another user, place and language, no home and no network: the same bytes."""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest
from checkouts import copy_project
from disturbed import Disturbed

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def python_for_nobody() -> str:
    """An interpreter of this version that everybody may run; ours may lie in a home."""
    words = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    for python in (sys.executable, "/usr/bin/python3"):
        tried = ["sh", "-c", 'exec "$0" -c "$1"', python, words]
        if subprocess.run([*NOBODY, *tried], capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip("nobody may run a Python of this version")


def test_as_nobody_without_home_network_or_utf8_in_a_folder_with_spaces_and_thai_letters(
    undisturbed: Disturbed,
):
    if any(shutil.which(program) is None for program in ("setpriv", "unshare")):
        pytest.skip("needs setpriv and unshare of util-linux, and root")
    with tempfile.TemporaryDirectory() as home:  # pytest's own is closed to others
        _as_nobody(Path(home), undisturbed)


def _as_nobody(home: Path, undisturbed: Disturbed) -> None:
    home.chmod(0o755)
    project = Disturbed(copy_project(home / "a folder" / "ผู้ป่วย").folder)
    subprocess.run(["chown", "-R", "nobody", str(home)], check=True)
    settings = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C",
        "TZ": "America/St_Johns",
        "PYTHONPATH": f"{project.folder}:{sysconfig.get_path('purelib')}",
        # The engine keeps a cache in the home, and nobody has none.
        "XDG_CACHE_HOME": str(home / "cache"),
    }
    words = [*NOBODY, python_for_nobody()]
    alone = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    if alone.returncode == 0:
        words = ["unshare", "--net", *words]
    for module, *rest in (("snakemake", "--cores", "2"), ("calcinosis", "verify")):
        done = subprocess.run(
            [*words, "-m", module, *rest],
            cwd=project.folder,
            env=settings,
            umask=0o077,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert project.differences(undisturbed) == []
