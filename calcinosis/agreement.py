"""Whether plan and codebook agree: each variable and level that the plan names is there."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from calcinosis import plan, rule_agreement, score_agreement, strict_yaml
from calcinosis.derive import instruments
from calcinosis.errors import nearest
from calcinosis.ingest.codebook import Variable
from calcinosis.known_variables import CATEGORY, GRADE, NUMBER, YES_NO, Known, Say
from calcinosis.plan.analyses import Covariate, ModelCovariate
from calcinosis.plan.films import OF_FILMS
from calcinosis.plan.outcomes import LAST_GRADE


def problems(
    the_plan: plan.Plan,
    variables: Sequence[Variable],
    place: Callable[[strict_yaml.Location], str],
) -> list[str]:
    """What the plan names and the codebook does not hold, or holds as another type.

    Parameters
    ----------
    the_plan : the plan of a cohort
    variables : its codebook
    place : from the location of a key to `file:line`

    Returns
    -------
    one message per problem, with file, line and key; empty where the two agree
    """
    found: list[str] = []

    def say(problem: str, *at: str | int) -> None:
        if problem:
            key = ".".join(str(part) for part in at)
            found.append(f"{place(at)}: {key}: {problem}")

    known = Known(variables)
    _tables(the_plan, variables, say)
    _cleaning(the_plan, variables, known, say)
    score_agreement.problems(the_plan, known, say)
    _criteria(the_plan, known, say)
    _of_films(the_plan, known, say)
    _analyses(the_plan, known, say)
    _labels(the_plan, variables, known, say)
    return found


def used(the_plan: plan.Plan) -> set[str]:
    """Every name that the plan's analyses mention, and the items of its scores.

    Among them are the variables that it uses; levels and words of the plan do no harm.
    """
    names: set[str] = set()

    def mention(node: Any) -> None:
        if isinstance(node, str):
            names.add(node)
        elif isinstance(node, dict):
            names.update(map(str, node))
            mention(list(node.values()))
        elif isinstance(node, list):
            for item in node:
                mention(item)

    mention(the_plan.model_dump(mode="json", exclude={"about", "export", "report"}))
    if the_plan.eligibility.classification:
        names |= set(instruments.ACR_EULAR_LEVELS)
    for score in the_plan.disability.scores if the_plan.disability else []:
        if score in instruments.QUESTIONNAIRES:
            names |= set(instruments.QUESTIONNAIRES[score].items)
    for total in the_plan.totals.values():
        names |= set(total.parts()["items"])
    if the_plan.severity:
        names |= {"reader", "side", "region"}
    return names


def _tables(the_plan: plan.Plan, variables: Sequence[Variable], say: Say) -> None:
    tables = {v.table for v in variables}
    files_of_all = [file for files in the_plan.export.tables.values() for file in files]
    several = any(len(files) > 1 for files in the_plan.export.tables.values())
    if the_plan.export.redcap:  # one export holds the rows of all tables
        files_of_all = list({(e.file, e.sheet): e for e in files_of_all}.values())
    basenames = [PurePath(entry.file).name for entry in files_of_all]
    places = [(name, e.sheet or "") for name, e in zip(basenames, files_of_all, strict=True)]
    for twice, _ in sorted({place for place in places if places.count(place) > 1}):
        say(f"two files are called '{twice}'; queries could not tell them apart", *_TABLES)
    for file in sorted({v.file for v in variables if v.file} - set(basenames)):
        hint = nearest(file, basenames)
        say(f"the codebook has lines for the file '{file}', which is not there: {hint}", *_TABLES)
    for name in the_plan.export.tables:
        if name not in tables:
            say(f"the codebook has no table '{name}': {nearest(name, tables)}", *_TABLES, name)
        names = {v.name for v in variables if v.table == name and not v.identifier}
        if name in tables and several and "centre" not in names:
            say(
                "where a table has several files, each table needs the variable centre in the "
                "codebook; without it equal ids of two files cannot be told apart",
                *(*_TABLES, name),
            )
    _redcap(the_plan, variables, say)
    if "patients" not in the_plan.export.tables:
        say("the table patients is missing", *_TABLES)
    if the_plan.severity and "readings" not in the_plan.export.tables:
        say("severity needs the table readings of the export", *_TABLES)
    reader = next((v for v in variables if (v.table, v.name) == ("readings", "reader")), None)
    readers = the_plan.readers
    if readers and readers.disagreement == "primary" and readers.primary:
        if reader is None:
            say("the codebook has no variable reader in the table readings", "readers", "primary")
        elif reader.levels and readers.primary not in reader.levels:
            hint = nearest(readers.primary, reader.levels)
            say(f"no reader is called '{readers.primary}': {hint}", "readers", "primary")
    _readings(the_plan, {v.name: v for v in variables if v.table == "readings"}, say)


def _readings(the_plan: plan.Plan, readings: dict[str, Variable], say: Say) -> None:
    """What severity, agreement and sctc need of the table of readings."""
    regions = readings["region"].levels if "region" in readings else ()
    by_film = the_plan.severity is not None and the_plan.severity.worsening == "global_grade"
    if by_film and "global" not in regions:
        say("global_grade needs the level 'global' of the variable region", *_WORSENING)
    if the_plan.agreement:
        if "reader" in readings and not readings["reader"].levels:
            say("the variable reader must be a category, so that results can name readers", _AGREE)
        if not {"reader", "occasion"} & set(readings):
            say("the table readings has no variable reader and no variable occasion", _AGREE)
    if the_plan.sctc:
        for name, most in (("coverage", 100), ("density", 3), ("region", None)):
            found = readings.get(name)
            if found is None:
                say(f"the table readings has no variable {name}", "sctc")
            elif most and (found.low != 0 or found.high is None or found.high > most):
                say(f"'{name}' needs min 0 and max {most} in the codebook", "sctc")
        weights, known = set(the_plan.sctc.weights), set(regions) - {"global"}
        for name in sorted(weights - known if regions else ()):
            say(f"no region is called '{name}': {nearest(name, known)}", "sctc", "weights", name)
        for name in sorted(known - weights):
            say(f"the region '{name}' has no weight", "sctc", "weights")


_WORSENING, _AGREE = ("severity", "worsening"), "agreement"


_TABLES = ("export", "tables")


def _redcap(the_plan: plan.Plan, variables: Sequence[Variable], say: Say) -> None:
    """Variables and levels that the mapping of a REDCap export names."""
    redcap = the_plan.export.redcap
    if redcap is None:
        return
    patients = {v.name for v in variables if v.table == "patients"}
    for name in set(redcap.other_events) - patients:
        wrong = f"there is no variable '{name}' of patients: {nearest(name, patients)}"
        say(wrong, "export", "redcap", "other_events", name)
    levels = {v.name: v.levels for v in variables if v.table == "readings"}
    for i, film in enumerate(redcap.films):
        for field, place in film.grades.items():
            for name, level in place.model_dump(exclude_none=True).items():
                at = ("export", "redcap", "films", i, "grades", field, name)
                if name not in levels:
                    say(f"the codebook has no variable '{name}' of readings", *at)
                elif levels[name] and level not in levels[name]:
                    hint = nearest(level, levels[name])
                    say(f"'{name}' has no level '{level}': {hint}", *at)


def _cleaning(the_plan: plan.Plan, variables: Sequence[Variable], known: Known, say: Say) -> None:
    """Rules look at the codebook's variables, identifiers too: ingest knows no derived ones."""
    tables: dict[str, dict[str, Variable]] = {"patients": {}, "readings": {}}
    for v in variables:
        tables[v.table].setdefault(v.name, v)
    for i, names in enumerate(the_plan.cleaning.same_person):
        for j, name in enumerate(names):
            if name not in tables["patients"]:
                hint = nearest(name, tables["patients"])
                at = ("cleaning", "same_person", i, j)
                say(f"the codebook has no variable '{name}' of patients: {hint}", *at)
    for i, rule in enumerate(the_plan.cleaning.rules):
        if rule.table not in the_plan.export.tables:
            say(f"the export has no table {rule.table}", "cleaning", "rules", i, "table")
        for key, problem in rule_agreement.problems(rule, tables):
            say(problem, "cleaning", "rules", i, key)
    if the_plan.cleaning.partial_dates == "impute":
        for v in tables["patients"].values():
            if v.type == "date" and not v.identifier:
                flag = known.add(f"{v.name}_imputed", CATEGORY, YES_NO)
                say(flag, "cleaning", "partial_dates")


def _of_films(the_plan: plan.Plan, known: Known, say: Say) -> None:
    """What films say of a patient is a variable for the analyses, not for the criteria."""
    if the_plan.severity:
        for name in OF_FILMS:
            say(known.add(name, CATEGORY, YES_NO), "severity")
        for name in ("baseline_grade", LAST_GRADE):
            say(known.add(name, GRADE), "severity")
        say(known.add("at_risk", CATEGORY), "severity")


def _criteria(the_plan: plan.Plan, known: Known, say: Say) -> None:
    for i, criterion in enumerate(the_plan.eligibility.criteria):
        at = ("eligibility", "criteria", i)
        if criterion.one_of:
            for j, level in enumerate(criterion.one_of):
                say(known.no_level(criterion.variable, level), *at, "one_of", j)
        if criterion.at_least is not None or criterion.below is not None:
            say(known.not_a(criterion.variable, NUMBER), *at, "variable")


def _analyses(the_plan: plan.Plan, known: Known, say: Say) -> None:
    if the_plan.describe:
        say(known.not_a(the_plan.describe.by, CATEGORY, GRADE), "describe", "by")
        for i, name in enumerate(the_plan.describe.variables):
            say(known.not_a(name, NUMBER, CATEGORY, GRADE), "describe", "variables", i)
        for name in the_plan.describe.summaries:
            say(known.not_a(name, NUMBER), "describe", "summaries", name)
    if the_plan.incidence:
        for i, name in enumerate(the_plan.incidence.by):
            say(known.not_a(name, CATEGORY, GRADE), "incidence", "by", i)
        _covariates(the_plan.incidence.covariates, "incidence", known, say)
    if the_plan.models:
        _models(the_plan, known, say)
    if the_plan.ordinal:
        say(known.not_a(the_plan.ordinal.outcome, GRADE), "ordinal", "outcome")
    if the_plan.centres:
        say(known.not_a(the_plan.centres.variable, CATEGORY), "centres", "variable")
    if the_plan.missing_data:
        for i, name in enumerate(the_plan.missing_data.auxiliary):
            say(known.not_a(name, NUMBER, CATEGORY, GRADE), "missing_data", "auxiliary", i)
    if the_plan.bone_density:
        by = the_plan.bone_density.by
        wrong = known.not_a(by, CATEGORY, GRADE)
        if not wrong and len(known.levels[by]) < 2:
            wrong = f"'{by}' has {len(known.levels[by])} levels; groups are compared"
        say(wrong, "bone_density", "by")
        if the_plan.bone_density.device:
            say(known.not_a(the_plan.bone_density.device, CATEGORY), "bone_density", "device")
        for i, name in enumerate(the_plan.bone_density.selection):
            say(known.not_a(name, NUMBER, CATEGORY, GRADE), "bone_density", "selection", i)
    if the_plan.disability:
        for i, name in enumerate(the_plan.disability.scores):
            say(known.not_a(name, NUMBER), "disability", "scores", i)
        for i, name in enumerate(the_plan.disability.by):
            say(known.not_a(name, CATEGORY, GRADE), "disability", "by", i)
    if the_plan.by_centre:
        say(known.not_a(the_plan.by_centre.variable, CATEGORY), "by_centre", "variable")
        say(known.not_yes_no(the_plan.by_centre.finding), "by_centre", "finding")
        for i, name in enumerate(the_plan.by_centre.variables):
            say(known.absent(name), "by_centre", "variables", i)


def _models(the_plan: plan.Plan, known: Known, say: Say) -> None:
    models = the_plan.models
    assert models is not None
    say(known.not_yes_no(models.outcome), "models", "outcome")
    _covariates(models.covariates, "models", known, say)


def _covariates(covariates: Mapping[str, Covariate], section: str, known: Known, say: Say) -> None:
    for key, covariate in covariates.items():
        at, name = (section, "covariates", key), covariate.variable or key
        if covariate.reference is not None:
            say(known.no_level(name, covariate.reference), *at)
        elif isinstance(covariate, ModelCovariate) and covariate.interaction:
            continue  # of covariates that are checked themselves
        elif covariate.per is None:
            say(known.not_a(name, NUMBER), *at)
        else:
            say(known.not_a(name, NUMBER, GRADE), *at)


def _labels(the_plan: plan.Plan, variables: Sequence[Variable], known: Known, say: Say) -> None:
    names = {v.name for v in variables} | {v.table for v in variables} | set(known.kind)
    names |= {level for v in variables for level in v.levels}
    names |= {level for levels in known.levels.values() for level in levels}
    names |= {criterion.name for criterion in the_plan.eligibility.criteria}
    names |= {rule.id for rule in the_plan.cleaning.rules}
    names |= set(the_plan.models.covariates) if the_plan.models else set()
    names |= set(the_plan.incidence.covariates) if the_plan.incidence else set()
    if the_plan.lesions:
        names |= {*the_plan.lesions.sites, *the_plan.lesions.site_groups, "fingers"}
        names |= set(the_plan.lesions.ascertainment)
    for name in the_plan.report.labels:
        if name not in names:
            say(f"nothing is called '{name}': {nearest(name, names)}", "report", "labels", name)
