"""The rules: each carries its code and only what it uses of the plan; no key is dead."""

import re

import pytest
from builders import ROOT
from pydantic import BaseModel

from calcinosis.plan import Plan
from calcinosis.plan.analyses import Covariate, Criterion
from calcinosis.plan.export import Rule

RULES = "\n".join(
    path.read_text("utf-8") for path in sorted((ROOT / "workflow" / "rules").glob("*.smk"))
)
BLOCKS = {
    match[1]: match[0]
    for match in re.finditer(
        r"^(?:rule|checkpoint) (\w+):\n(?:(?:    .*)?\n)+", RULES, re.MULTILINE
    )
}
USERS = [
    *sorted((ROOT / "calcinosis" / "present").rglob("*.py")),
    *sorted((ROOT / "calcinosis" / "present" / "templates").glob("*.j2")),
    *sorted((ROOT / "calcinosis" / "ingest").glob("*.py")),
    *sorted((ROOT / "calcinosis" / "derive").glob("*.py")),
    *sorted((ROOT / "calcinosis" / "estimate").glob("*.py")),
    *sorted((ROOT / "workflow" / "scripts").glob("*.py")),
    ROOT / "calcinosis" / "cohort.py",
]
CODE = RULES + "\n".join(path.read_text("utf-8") for path in USERS)


def test_all_rules_are_found():
    assert len(BLOCKS) > 20
    assert set(re.findall(r"^(?:rule|checkpoint) (\w+):", RULES, re.MULTILINE)) == set(BLOCKS)


@pytest.mark.parametrize("name", BLOCKS)
def test_each_rule_has_the_fingerprint_of_its_script_a_log_and_an_environment(name: str):
    block = BLOCKS[name]
    (script,) = re.findall(r'"\.\./scripts/(\w+\.py)"', block)
    assert f'code=code("{script}")' in block
    assert "    log:\n" in block
    assert '"../../environment.yml"' in block


@pytest.mark.parametrize("name", [n for n, block in BLOCKS.items() if "/estimates/" in block])
def test_no_estimate_depends_on_labels_or_words(name: str):
    _, _, below = BLOCKS[name].partition("    params:\n")
    makes = re.search(r'output:\n        "results/\{cohort\}/estimates/', BLOCKS[name])
    if makes:
        assert not re.search(r'fact\("(labels|plan/report|plan/about)', below)


@pytest.mark.parametrize("path", sorted((ROOT / "workflow" / "scripts").glob("*.py")), ids=str)
def test_no_script_reads_the_configuration(path):
    assert "snakemake.config" not in path.read_text("utf-8")


def leaves() -> list[tuple[str, str]]:
    """Section and key of everything that a plan may say."""
    found = []
    for section, field in Plan.model_fields.items():
        models = [
            model
            for model in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if isinstance(model, type) and issubclass(model, BaseModel)
        ]
        found += [(section, key) for model in models for key in model.model_fields]
    for part in (Criterion, Covariate, Rule):
        found += [(part.__name__.lower(), key) for key in part.model_fields]
    return found


@pytest.mark.parametrize(("section", "key"), leaves())
def test_no_key_of_the_plan_is_dead(section: str, key: str):
    """Something beyond the plan's own check takes it: a parameter, a step, or a page."""
    assert re.search(rf'["/\'.]{key}\b', CODE), f"{section}.{key} is read by nothing"
