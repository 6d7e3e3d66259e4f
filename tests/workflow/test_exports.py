"""Three exports after the first one: grown, corrected, shrunk to the first. What the page says."""

import csv
import html
import re
import stat

import pandas as pd
from conftest import Ended, Project
from test_determinism import OF_RECORDS, artefacts
from test_privacy import leaks
from test_queries import example

HOME, RESULTS = "cohorts/early_ssc", "results/early_ssc"
PRIVATE = f"{RESULTS}/private"


def run(project: Project) -> Ended:
    ended = project.run()
    assert ended.code == 0, ended.output
    assert f"What changed since the export before: {RESULTS}/changes.html" in ended.output
    return ended


def export(project: Project, table: str) -> pd.DataFrame:
    return pd.read_csv(project.path(f"{HOME}/{table}.csv"), dtype=str, keep_default_na=False)


def write(project: Project, table: str, frame: pd.DataFrame) -> None:
    frame.to_csv(project.path(f"{HOME}/{table}.csv"), index=False)


def estimates(project: Project) -> pd.DataFrame:
    path = project.path(f"{RESULTS}/estimates.csv")
    return pd.read_csv(path, keep_default_na=False).set_index("result_id")


def changes(project: Project) -> pd.DataFrame:
    path = project.path(f"{RESULTS}/changes.csv")
    return pd.read_csv(path, dtype=str, keep_default_na=False).set_index("change_id")


def counts(project: Project, section: str, **match: str) -> dict[str, int]:
    """Count by kind, at all sites."""
    found = changes(project)
    of_all = "*" if section in ("records", "values", "queries") else ""
    found = found[(found["section"] == section) & (found["site"] == of_all)]
    for column, value in match.items():
        found = found[found[column] == value]
    return dict(zip(found["kind"], found["count"].astype(int), strict=True))


def expected_of_estimates(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, set[str]]:
    """By plain pandas: which results came, went, crossed 0.05, left the interval, or turned."""
    both = old.merge(new, left_index=True, right_index=True, suffixes=("_old", "_new"))

    def number(name):
        return pd.to_numeric(both[name])

    was, now = number("estimate_old"), number("estimate_new")
    low, high = number("conf_low_old"), number("conf_high_old")
    tested = number("p_value_old").notna() & number("p_value_new").notna()
    crossed = tested & ((number("p_value_old") < 0.05) != (number("p_value_new") < 0.05))
    none = both["statistic_old"].str.contains("_ratio").astype(int)
    # From 1.04 to 0.99, with intervals that hold 1, is no other direction.
    holds = (low <= none) & (high >= none)
    holds &= (number("conf_low_new") <= none) & (number("conf_high_new") >= none)
    of = {
        "threshold": crossed,
        "interval": (now < low) | (now > high),
        "sign": (((was < none) & (now > none)) | ((was > none) & (now < none))) & ~holds,
    }
    named = {flag: set(both.index[mask]) for flag, mask in of.items()}
    names = set(old.index), set(new.index)
    return named | {"new": names[1] - names[0], "vanished": names[0] - names[1]}


def check_estimates(project: Project, old: pd.DataFrame) -> None:
    """Flags are those of the two tables, the page prints rows of the table of changes."""
    found, new = changes(project), estimates(project)
    of = found[found["section"] == "estimates"]
    for flag, expected in expected_of_estimates(old, new).items():
        has = of["flags"].str.split().apply(lambda flags, flag=flag: flag in flags)
        assert set(of.loc[has, "item"]) == expected, flag
    assert set(of["item"]) == set(old.index) | set(new.index)
    ends = of[of["old"] != ""].set_index("item")["old"]
    kept = pd.to_numeric(old["estimate"]).dropna()
    assert (pd.to_numeric(ends).loc[kept.index] == kept).all()
    page = project.path(f"{RESULTS}/changes.html").read_text("utf-8")
    shown = {html.unescape(name) for name in re.findall(r'data-change-id="([^"]+)"', page)}
    assert len(shown) > 50
    assert shown <= set(found.index)
    assert len(page) < 150_000


def grow(project: Project) -> set[str]:
    """Ten patients of the first export once more, under other names."""
    patients, readings = export(project, "patients"), export(project, "readings")
    ids = [f"E{number:03d}" for number in range(20, 30)]
    for table, frame in (("patients", patients), ("readings", readings)):
        more = frame[frame["study_id"].isin(ids)]
        more = more.assign(study_id=more["study_id"].str.replace("E", "G"))
        if table == "patients":
            more = more.drop_duplicates("study_id")
            more = more.assign(hn=[f"{number}/99" for number in range(len(more))])
        write(project, table, pd.concat([frame, more]))
    return {name.replace("E", "G") for name in ids}


def test_three_exports_after_the_first(project: Project):
    first, of_first = artefacts(project), estimates(project)
    page = project.path(f"{RESULTS}/changes.html").read_text("utf-8")
    assert "Nothing to compare with yet" in page
    files = [project.path(f"{HOME}/{name}.csv") for name in ("patients", "readings")]
    exports = {path: path.read_bytes() for path in files}

    # Grown.
    before = table(project)
    added = grow(project)
    assert "changes" in run(project).jobs
    grown, of_grown = table(project), estimates(project)
    assert set(grown.index) - set(before.index) == added
    kinds = counts(project, "records", table="patients")
    assert kinds == {"added": 10, "same": len(before)}
    assert counts(project, "patients") == {}
    assert counts(project, "values") == {}
    readings = pd.read_parquet(project.path(f"{PRIVATE}/tables/readings.parquet"))
    of_new = readings["patient_id"].isin(added)
    kinds = counts(project, "records", table="readings")
    assert kinds == {"added": of_new.sum(), "same": (~of_new).sum()}
    check_estimates(project, of_first)
    flow = changes(project).loc["estimates/" + flow_id("analysed")]
    assert int(flow["new"]) - int(flow["old"]) == analysed(of_grown) - analysed(of_first) > 0

    # Corrected: grades of one film of two patients, one duration, a date; four queries answered.
    frame = export(project, "readings")
    for patient in ("E010", "E020"):
        last = frame.loc[frame["study_id"] == patient, "film_date"].iloc[-1]
        film = (frame["study_id"] == patient) & (frame["film_date"] == last)
        frame.loc[film, "severity"] = "severe"
    write(project, "readings", frame)
    frame = export(project, "patients")
    frame.loc[frame["study_id"] == "E011", "duration_y"] = "6.5"
    write(project, "patients", frame)
    project.path(f"{HOME}/corrections.csv").write_text(example("corrections.csv"), "utf-8")
    asked = len(pd.read_csv(project.path(f"{PRIVATE}/queries.csv")))
    ended = run(project)
    assert leaks(project, ended.output) == []
    after = table(project)
    differs = after.fillna("") != grown.fillna("")
    kinds = counts(project, "records", table="patients")
    assert kinds == {"changed": differs.any(axis=1).sum(), "same": (~differs.any(axis=1)).sum()}
    for name in differs.columns[differs.any()]:
        of = counts(project, "values", table="patients", item=name)
        assert sum(of.values()) == differs[name].sum()
    states = counts(project, "queries")
    assert states["answered"] == 4
    assert states["persisting"] == asked - 4 - states.get("resolved", 0)
    flips = pd.read_csv(project.path(f"{PRIVATE}/changed_patients.csv"))
    by_what = flips.groupby("what")["patient_id"].agg(set).to_dict()
    assert by_what["eligibility"] == {"E011"}
    assert by_what["grade_last"] == {"E010", "E020"}
    assert by_what["progression"] <= {"E010", "E020"}
    assert counts(project, "patients", kind="any") == {"any": flips["patient_id"].nunique()}
    check_estimates(project, of_grown)
    values = pd.read_csv(project.path(f"{PRIVATE}/changed_values.csv"), dtype=str)
    of = values[(values["record"] == "E011") & (values["variable"] == "disease_duration")]
    assert of["new"].tolist() == ["6.5"]
    for path in (*project.path("records").rglob("*"), *project.path(PRIVATE).rglob("changed_*")):
        if "private" in path.parts:
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), path
    page = project.path(f"{RESULTS}/changes.html").read_text("utf-8")
    assert not re.search(r"\b[EG]\d{3}\b", page)
    of_corrected = estimates(project)

    # Shrunk: the first export again, byte by byte, and no corrections.
    for path, content in exports.items():
        path.write_bytes(content)
    project.path(f"{HOME}/corrections.csv").unlink()
    run(project)
    assert counts(project, "records", table="patients")["removed"] == 10
    check_estimates(project, of_corrected)
    again = artefacts(project)
    assert first.keys() == again.keys()
    names = {name for name in first if first[name] != again[name]}
    assert {name for name in names if not OF_RECORDS.search(name)} == set()

    # Every run is remembered, in the order in which they ran; the command names them.
    with project.path("records/early_ssc/runs.csv").open(encoding="utf-8") as file:
        runs = list(csv.DictReader(file))
    assert len(runs) == 4
    assert runs[0] == runs[3]
    old, new = (each["export"][:6] for each in runs[:2])
    said = project.run("compare", "early_ssc", old, new, module="calcinosis").output
    assert "Patients, records: 10 added, 0 removed, 0 changed" in said
    assert project.run("--dry-run").jobs == set()


def flow_id(step: str) -> str:
    return f"flow/-/-/overall/{step}/-/-/patients/count/-"


def analysed(table: pd.DataFrame) -> int:
    return int(table.loc[flow_id("analysed"), "estimate"])


def table(project: Project) -> pd.DataFrame:
    """The patients after cleaning, as texts."""
    frame = pd.read_parquet(project.path(f"{PRIVATE}/tables/patients.parquet"))
    return frame.astype("string").set_index("patient_id").sort_index()


def test_another_plan_is_compared_with_by_name(project: Project):
    """The same export: what differs is said to come of the plan."""
    project.edit(f"{HOME}/cohort.yaml", "below: 4\n", "below: 3\n")
    ended = project.run()
    assert ended.code == 0, ended.output
    assert "What changed since the export before" not in ended.output
    page = project.path(f"{RESULTS}/changes.html").read_text("utf-8")
    assert "Nothing to compare with yet" in page
    with project.path("records/early_ssc/runs.csv").open(encoding="utf-8") as file:
        old, new = (f"{run['export']}/{run['state']}" for run in csv.DictReader(file))
    said = project.run("compare", "early_ssc", old, new, module="calcinosis").output
    assert "Both runs are of the same export" in said
    assert "Plan: eligibility.criteria" in said
    assert "0 removed, 0 changed" in said
