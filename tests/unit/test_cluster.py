"""What runs elsewhere is what runs here: the profiles for clusters, and the container."""

import re
import shlex

import pytest
import yaml
from builders import ROOT

RULES = {
    name
    for path in (ROOT / "workflow" / "rules").glob("*.smk")
    for name in re.findall(r"^(?:rule|checkpoint) (\w+):", path.read_text("utf-8"), re.MULTILINE)
}
SLURM = yaml.safe_load((ROOT / "profiles" / "slurm" / "profile.yaml").read_text("utf-8"))
SCATTERED = {"impute", "risks_bootstrap", "validation_bootstrap"}
LOCAL = {"index", "manifest", "verdict"}
CONTAINER = re.findall(
    r"^(FROM|RUN|COPY|WORKDIR|CMD) (.*)$",
    (ROOT / "Containerfile").read_text("utf-8"),
    re.MULTILINE,
)


def test_each_rule_is_in_a_group_scattered_or_run_by_the_engine_itself():
    assert set(SLURM["groups"]) | SCATTERED | LOCAL == RULES
    assert not set(SLURM["groups"]) & (SCATTERED | LOCAL)
    report = (ROOT / "workflow" / "rules" / "report.smk").read_text("utf-8")
    assert report.count("localrule: True") == len(LOCAL)


def test_resources_are_of_rules_and_grow_with_the_attempt():
    tables = [SLURM["default-resources"], *SLURM["set-resources"].values()]
    assert set(SLURM["set-resources"]) <= RULES
    for key, value in ((key, value) for table in tables for key, value in table.items()):
        assert key == "cpus_per_task" or re.fullmatch(r"\d+ \* attempt", str(value))


def test_the_other_profile_can_be_laid_upon_that_of_slurm():
    generic = yaml.safe_load(
        (ROOT / "profiles" / "cluster-generic" / "profile.yaml").read_text("utf-8")
    )
    assert generic["executor"] == "cluster-generic"
    status = ROOT / generic["cluster-generic-status-cmd"]
    assert status.stat().st_mode & 0o111


def test_the_container_is_made_by_make():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = [words for kind, words in CONTAINER if kind == "RUN"]
    assert commands[0].startswith("apt-get update && apt-get install")
    assert [shlex.split(words)[0] for words in commands[1:]] == ["make"] * len(commands[1:])
    assert {word for words in commands[1:] for word in shlex.split(words)[1:]} <= targets
    assert ("CMD", '["make"]') in CONTAINER


def test_the_container_installs_what_the_readme_says_make_needs():
    packages = {word for _, words in CONTAINER for word in words.split()}
    assert {"python3", "python3-pip", "make", "git"} <= packages


@pytest.mark.parametrize("words", [words for kind, words in CONTAINER if kind == "COPY"])
def test_the_container_copies_what_there_is(words: str):
    *sources, _ = words.split()
    assert all((ROOT / source).exists() for source in sources)


def test_no_patients_go_into_an_image():
    ignored = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    assert {"cohorts/*", "results", "records", ".snakemake"} <= set(ignored)
    assert {line for line in ignored if line.startswith("!")} == {
        "!cohorts/early_ssc",
        "!cohorts/multicentre",
    }
