"""Another user, place and language, no home and no network: the same bytes."""

import shutil
import subprocess
import sys

import pytest
from checkouts import copy_project
from disturbed import Disturbed


def test_as_nobody_without_home_network_or_utf8_in_a_folder_with_spaces_and_thai_letters(
    undisturbed: Disturbed, tmp_path_factory
):
    if shutil.which("setpriv") is None or shutil.which("unshare") is None:
        pytest.skip("needs setpriv and unshare of util-linux")
    home = tmp_path_factory.mktemp("nobody")
    project = Disturbed(copy_project(home / "a folder" / "ผู้ป่วย").folder)
    for folder in [home, *home.parents][: len(home.parts) - 2]:
        folder.chmod(0o755)
    subprocess.run(["chown", "-R", "nobody", str(home)], check=True)
    settings = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C",
        "TZ": "America/St_Johns",
        "PYTHONPATH": str(project.folder),
        "TMPDIR": "/tmp",
    }
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    alone = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    if alone.returncode == 0:
        words = ["unshare", "--net", *words]
    for module, *rest in (("snakemake", "--cores", "2"), ("calcinosis", "verify")):
        done = subprocess.run(
            [*words, sys.executable, "-m", module, *rest],
            cwd=project.folder,
            env=settings,
            umask=0o077,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert project.differences(undisturbed) == []
