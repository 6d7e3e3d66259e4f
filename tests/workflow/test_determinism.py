"""The same export gives the same bytes, wherever and however it is run."""

import os
import re
import subprocess
import sys

from checkouts import artefacts
from conftest import MAIN, Project, copy_project

OF_RECORDS = re.compile(
    r"/(changes\.|private/changed_)|(^|/)made/(changes|manifest|verdict)\.json$|^manifest"
)
"""Files that say what changed since the export before, and what holds their hashes: they depend on
what ran before."""


def test_results_do_not_depend_on_folder_cores_locale_zone_seed_threads_or_umask(
    finished: Project, tmp_path
):
    other = copy_project(tmp_path / "another folder" / "ผู้ป่วย", MAIN)
    settings = {
        "LC_ALL": "th_TH.UTF-8",
        "LANG": "th_TH.UTF-8",
        "TZ": "Asia/Bangkok",
        "PYTHONHASHSEED": "7",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "HOME": str(tmp_path),
        "USER": "somebody",
        "PYTHONPATH": str(other.folder),
    }
    run = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1"],
        cwd=other.folder,
        env=os.environ | settings,
        umask=0o027,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    ours, theirs = artefacts(finished), artefacts(other)
    assert ours.keys() == theirs.keys()
    assert len(ours) > 80
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_steps_that_import_for_themselves_give_the_bytes_of_copies(
    finished: Project, tmp_path, monkeypatch
):
    monkeypatch.setenv("CALCINOSIS_PREPARED", "none")
    alone = copy_project(tmp_path / "project")
    ended = alone.run()
    assert ended.code == 0, ended.output
    ours, theirs = (
        {name: made for name, made in artefacts(of).items() if name.startswith("early_ssc/")}
        for of in (finished, alone)
    )
    assert ours.keys() == theirs.keys()
    assert len(ours) > 40
    assert [name for name in ours if ours[name] != theirs[name]] == []
