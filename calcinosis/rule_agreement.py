"""Whether the rules of a plan and its codebook agree."""

from calcinosis.errors import nearest
from calcinosis.ingest.built_in import KAHN
from calcinosis.ingest.codebook import Variable
from calcinosis.plan.export import Rule

_NUMBERS = ("integer", "number")


def problems(rule: Rule, tables: dict[str, dict[str, Variable]]) -> list[tuple[str, str]]:
    """What a rule of the plan names and the codebook does not hold, or holds as another type.

    Parameters
    ----------
    rule : of the plan's section `cleaning`
    tables : the codebook's variables by table and name

    Returns
    -------
    key of the rule and what is wrong with it, one per problem
    """
    found = []
    if rule.id in KAHN:
        found.append(("id", f"'{rule.id}' is the name of a built-in rule; choose another"))
    own = tables[rule.table]
    seen = {**tables["patients"], **own}
    named = [("variable", rule.variable), *(("when", name) for name in rule.when)]
    named += [("other", rule.other)] if rule.other else []
    named += [("items", name) for name in rule.items]
    for key, name in named:
        if name not in seen:
            hint = nearest(name, seen)
            found.append((key, f"the codebook has no variable '{name}': {hint}"))
    for name in rule.blank:
        if name not in own or name in ("patient_id", "centre"):
            found.append(("blank", f"'{name}' is no variable of {rule.table} that can be blanked"))
    if found:
        return found
    for key, name, levels in (
        *(("when", name, levels) for name, levels in rule.when.items()),
        ("one_of", rule.variable, rule.one_of),
    ):
        for level in levels:
            if level not in seen[name].levels:
                hint = nearest(level, seen[name].levels)
                found.append((key, f"'{name}' has no level '{level}': {hint}"))
    numbers = [rule.variable, *rule.items] if rule.kind == "sum" else []
    for name in numbers:
        if seen[name].type not in _NUMBERS:
            found.append(("items", f"'{name}' is not a number"))
    if rule.kind == "range" and seen[rule.variable].type not in _NUMBERS:
        found.append(("variable", f"'{rule.variable}' is not a number"))
    if rule.kind == "comparison" and rule.other:
        kinds = [
            "number" if seen[name].type in _NUMBERS else seen[name].type
            for name in (rule.variable, rule.other)
        ]
        if kinds not in (["number"] * 2, ["date"] * 2):
            found.append(("other", "only two numbers or two dates can be compared"))
    return found
