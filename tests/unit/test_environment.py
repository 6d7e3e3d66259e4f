"""One set of versions: the lock, `pyproject.toml` and `environment.yml` agree."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "snakemake-minimal": "snakemake"}
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
CLUSTER_LOCK = (ROOT / "requirements-cluster.lock").read_text("utf-8")


def locked() -> dict[str, str]:
    """Name to version on the Python of the environment file."""
    versions: dict[str, str] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\]+)", LOCK, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), version)  # the first is for the oldest Python
    return versions


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def conda() -> dict[str, str]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    plain = [entry for entry in listed if isinstance(entry, str)]
    (from_pip,) = [entry["pip"] for entry in listed if isinstance(entry, dict)]
    pairs = [entry.split("=") for entry in plain if "=" in entry]
    pairs += [entry.split("==") for entry in from_pip]
    return {canonicalize_name(CONDA_NAMES.get(name, name)): version for name, version in pairs}


@pytest.mark.parametrize("extra", ["", "real", "test"])
def test_each_requirement_is_met_by_the_lock(extra: str):
    listed = project()["optional-dependencies"][extra] if extra else project()["dependencies"]
    for requirement in map(Requirement, listed):
        assert requirement.specifier.contains(locked()[canonicalize_name(requirement.name)])


def test_conda_has_the_versions_of_the_lock():
    versions = conda()
    assert versions.pop("python") == "3.11"
    run = [*project()["dependencies"], *project()["optional-dependencies"]["real"]]
    assert set(versions) == {canonicalize_name(Requirement(line).name) for line in run}
    assert versions == {name: locked()[name] for name in versions}


def test_the_lock_is_pinned_by_hash_and_names_no_index():
    entries = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)
    assert all("--hash=sha256:" in entry for entry in entries if entry.strip())
    assert not re.search(r"https?://|^ *-(?!-hash=)", LOCK, re.MULTILINE)


def test_no_second_language_of_formulas_is_installed():
    """Statsmodels would import it in each step that has a model."""
    assert "formulaic" not in locked()


def test_no_model_waits_for_what_numpy_has_beside_numbers():
    program = "import sys, calcinosis.estimate; from scipy import special; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "scipy.special" in loaded
    assert not loaded & {"numpy.f2py", "numpy.testing", "unittest"}


def test_the_lock_serves_linux_and_macos():
    """Entries are for all platforms, or left out on Windows only."""
    markers = re.findall(r"^[^ ]+==[^ ]+ ; (.*?) \\$", LOCK, re.MULTILINE)
    assert not [marker for marker in markers if "darwin" in marker or "linux" in marker]


def test_the_plugins_for_clusters_are_in_a_lock_of_their_own():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    listed = dict(
        re.findall(r"^([a-z-]+)==([^ \\]+) \\\n +--hash=sha256:", CLUSTER_LOCK, re.MULTILINE)
    )
    wanted = {requirement.name: requirement for requirement in map(Requirement, groups["cluster"])}
    assert listed.keys() == wanted.keys()
    assert all(wanted[name].specifier.contains(version) for name, version in listed.items())
    assert not listed.keys() & locked().keys()
    assert not re.search(r"https?://|^ *-(?!-hash=)", CLUSTER_LOCK, re.MULTILINE)
