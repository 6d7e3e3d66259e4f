"""What the main job leaves: the published numbers, those of real data, private files."""

import csv
import html
import math
import re
import stat

import pandas as pd
import pytest
import statsmodels.formula.api as smf
from conftest import MAIN, Project, rows_of
from docx import Document
from statsmodels.genmod.tests.results.results_glm import Lbw

from calcinosis import estimates
from calcinosis.present import formats


def one(rows: list[estimates.Row], **match: str) -> estimates.Row:
    found = [r for r in rows if all(getattr(r, k) == v for k, v in match.items())]
    assert len(found) == 1, f"{len(found)} rows match {match}"
    return found[0]


@pytest.mark.parametrize(
    ("model", "method", "printed"),
    [
        ("full_interval", "lognormal", "22.6 (16.2 to 31.4)"),
        ("full_interval", "exact", "22.6 (15.7 to 31.4)"),
    ],
)
def test_published_incidence(finished: Project, model: str, method: str, printed: str):
    """Kanjanajarurat 2025 prints 22.6 (16.2-31.4) per 100 person-years."""
    row = one(
        rows_of(finished, "early_ssc"),
        analysis="incidence",
        statistic="rate",
        outcome="progression",
        group="overall",
        model=model,
        method=method,
    )
    assert row.unit == "per 100 person-years"
    assert (row.n, row.events) == (53, 35)
    assert row.person_years is not None
    assert 155.0 <= row.person_years <= 155.2
    assert formats.with_interval(row) == printed


def test_all_estimators_of_incidence_stand_side_by_side(finished: Project):
    rows = rows_of(finished, "early_ssc")
    of_all = [r for r in rows if r.analysis == "incidence" and r.group == "overall"]
    rates = [r for r in of_all if r.statistic == "rate"]
    models = {r.model: r.estimate for r in rates}
    assert set(models) == {
        model + risk
        for model in ("full_interval", "midpoint", "interval_censored")
        for risk in ("", "_at_risk")
    }
    for risk in ("", "_at_risk"):
        assert models["full_interval" + risk] < models["midpoint" + risk]
        assert models["midpoint" + risk] < models["interval_censored" + risk]


def test_two_films_that_are_alike_carry_no_shape_and_several_do(finished: Project, real: Project):
    for model in ("weibull", "turnbull"):
        row = next(r for r in rows_of(finished, "early_ssc") if r.model == model)
        assert (row.status, row.estimate) == ("not_estimable", None)
        rows = [r for r in rows_of(real, "pbc_stage") if r.model == f"{model}_at_risk"]
        assert {r.status for r in rows} == {"ok"}
        assert len(rows) > 10


def test_first_and_last_visits_stand_beside_all_visits(real: Project):
    """Recomputed from the package's table: stages of the first and last of two visits or more."""
    visits = pd.read_csv(real.path("cohorts/pbc_stage/visits.csv")).sort_values(["id", "day"])
    ends = visits.groupby("id").filter(lambda of_patient: len(of_patient) > 1).groupby("id")
    rose = ends["stage"].last() > ends["stage"].first()
    years = ((ends["day"].last() - ends["day"].first()) / 365.25).sum()
    rows = rows_of(real, "pbc_stage")
    risk = one(rows, analysis="progression", model="first_last")
    assert (risk.events, risk.n) == (rose.sum(), len(rose))
    rate = one(rows, model="full_interval_first_last", method="exact")
    assert rate.estimate == pytest.approx(100 * rose.sum() / years, rel=1e-9)
    page = real.path("results/pbc_stage/report.html").read_text("utf-8")
    assert "Competing events: death and transplantation" in page


class TestAssociationStudy:
    """What Valenzuela 2020 prints, as far as the simulated cohort is made to have it."""

    @pytest.fixture
    def rows(self, finished: Project) -> list[estimates.Row]:
        return rows_of(finished, "multicentre")

    def test_patients_and_calcinosis(self, rows):
        assert one(rows, analysis="flow", term="analysed").estimate == 568
        assert one(rows, term="criterion_not_met", level="acr_eular_2013").estimate > 0
        row = one(rows, analysis="lesions", term="calcinosis", unit="of patients")
        assert (row.events, row.n, f"{row.estimate:.0%}") == (215, 568, "38%")

    @pytest.mark.parametrize(
        ("term", "published", "unit"),
        [
            ("disease_duration", 1.24, "per 10"),
            ("digital_ischaemia", 1.8, ""),
            ("acro_osteolysis", 2.97, ""),
        ],
    )
    def test_odds_ratios_are_near_the_published_ones(self, rows, term, published, unit):
        found = {"analysis": "multivariable", "model": "primary", "outcome": "calcinosis"}
        found |= {"statistic": "odds_ratio"}
        row = one(rows, **found, term=term)
        assert row.unit == unit
        assert row.estimate == pytest.approx(published, rel=0.05)
        assert row.conf_low > 1
        assert row.p_value < 0.05
        other = one(rows, **(found | {"model": "gee"}), term=term)
        assert other.estimate == pytest.approx(row.estimate, rel=0.2)

    def test_they_are_those_of_a_fit_of_the_clean_tables(self, rows, finished: Project):
        """Another way: a formula on the private patients table, with centre as category."""
        patients = pd.read_parquet(
            finished.path("results/multicentre/private/patients.parquet")
        ).astype({"centre": str})
        eligible = patients[patients["acr_eular_2013"] == "meets"]
        yes = {
            name: (eligible[name] == "yes").astype(float).where(eligible[name].notna())
            for name in ("calcinosis", "digital_ischaemia", "acro_osteolysis")
        }
        frame = eligible[["centre"]].assign(decades=eligible["disease_duration"] / 10, **yes)
        terms = "decades + digital_ischaemia + acro_osteolysis + C(centre)"
        fit = smf.logit(f"calcinosis ~ {terms}", frame.dropna()).fit(disp=0)
        for term, name in (("decades", "disease_duration"), *((t, t) for t in list(yes)[1:])):
            same = {"analysis": "multivariable", "model": "primary", "statistic": "odds_ratio"}
            row = one(rows, **same, term=name)
            assert row.estimate == pytest.approx(math.exp(fit.params[term]), rel=1e-6)
            assert row.p_value == pytest.approx(fit.pvalues[term], rel=1e-5)
            assert row.n == fit.nobs

    def test_t_scores(self, rows):
        assert one(rows, analysis="bone_density", term="densitometry").events == 68
        for level, median in (("no", -1.7), ("yes", -2.2)):
            row = one(rows, term="t_score", group=f"calcinosis={level}", statistic="median")
            assert round(row.estimate, 1) == median
        shift = one(rows, analysis="bone_density", term="t_score", statistic="median_difference")
        assert shift.conf_high < 0
        assert shift.p_value < 0.05
        permuted = one(rows, term="t_score", statistic="permutation_test")
        assert (permuted.method, f"{permuted.p_value:.3f}") == ("permutation_exact", "0.004")

    @pytest.mark.parametrize(
        ("site", "share"), [("fingers", 70), ("thumb", 19), ("fifth_finger", 8)]
    )
    def test_shares_of_lesions(self, rows, site, share):
        term = "site_group" if site == "fingers" else "site"
        row = one(rows, analysis="lesions", term=term, level=site, unit="of lesions")
        assert f"{row.estimate:.0%}" == f"{share}%"

    @pytest.mark.parametrize(
        ("term", "share"), [("tenderness", 29), ("extrusion", 20), ("infection", 2)]
    )
    def test_complications_of_patients_with_calcinosis(self, rows, term, share):
        unit = "of patients with calcinosis"
        row = one(rows, analysis="complications", term=term, unit=unit)
        assert (row.n, f"{row.estimate:.0%}") == (215, f"{share}%")

    def test_scores_are_worse_with_lesions_beyond_the_fingers(self, rows):
        for score in ("haq_di", "cochin"):
            medians = [
                one(rows, term=score, group=f"location_class={place}", statistic="median").estimate
                for place in ("none", "fingers_only", "fingers_and_beyond")
            ]
            assert medians == sorted(medians)
            assert medians[0] < medians[2]

    def test_the_word_file_has_the_tables_of_the_report(self, finished: Project):
        page = finished.path("results/multicentre/report.html").read_text("utf-8")
        captions = re.findall(r"<caption>(.*?)</caption>", page)[:-1]  # not the appendix
        document = Document(str(finished.path("results/multicentre/tables.docx")))
        named = [p.text for p in document.paragraphs if p.text.startswith("Table ")]
        assert named == [f"Table {i}. {html.unescape(c)}" for i, c in enumerate(captions, 1)]
        assert len(document.tables) == len(captions)
        (models,) = [t for t in document.tables if t.rows[0].cells[0].text == "Covariate"][:1]
        names = [row.cells[0].text for row in models.rows]
        shown = models.rows[names.index("Acro-osteolysis") + 2]
        row = one(
            rows_of(finished, "multicentre"),
            analysis="multivariable",
            model="primary",
            term="acro_osteolysis",
            statistic="odds_ratio",
        )
        assert shown.cells[0].text == "– yes"
        assert shown.cells[4].text == formats.with_interval(row)
        assert "Simulated data" in document.sections[0].header.paragraphs[0].text


def test_real_numbers_are_those_of_the_data(real: Project):
    """Recomputed from the package's table row by row, by another way than the library's."""
    visits = pd.read_csv(real.path("cohorts/pbc_stage/visits.csv")).sort_values(["id", "day"])
    patients = years = events = at_risk = events_at_risk = 0
    for _, of_patient in visits.groupby("id"):
        stages, days = list(of_patient["stage"]), list(of_patient["day"])
        if len(stages) < 2:
            continue
        patients += 1
        at_risk += stages[0] < 4
        for i in range(1, len(stages)):
            years += (days[i] - days[i - 1]) / 365.25
            if stages[i] > stages[i - 1]:
                events += 1
                events_at_risk += stages[0] < 4
                break
    rows = rows_of(real, "pbc_stage")
    rate = one(rows, analysis="incidence", model="full_interval", method="exact")
    assert (rate.n, rate.events) == (patients, events) == (285, 141)
    assert rate.person_years == pytest.approx(years, rel=1e-9)
    assert rate.estimate == pytest.approx(100 * events / years, rel=1e-9)
    risk = one(
        rows,
        analysis="progression",
        model="consecutive_at_risk",
        outcome="progression",
        term="",
    )
    assert (risk.events, risk.n) == (events_at_risk, at_risk)
    assert one(rows, analysis="flow", term="excluded", level="fewer_than_two_films").estimate == 27


def test_odds_ratio_of_the_trial_is_that_of_its_two_by_two_table(real: Project):
    """Pancreatitis in 27 of 295 with indomethacin and 52 of 307 with placebo; Woolf's interval."""
    data = pd.read_csv(real.path("cohorts/indomethacin/patients.csv"))
    table = pd.crosstab(data["rx"], data["outcome"]).to_numpy()
    odds_ratio = table[1, 1] * table[0, 0] / (table[1, 0] * table[0, 1])
    spread = 1.959963985 * (1 / table).sum() ** 0.5
    alone = {"analysis": "univariable", "term": "treatment", "statistic": "odds_ratio"}
    row = one(rows_of(real, "indomethacin"), **alone, model="ml")
    assert (row.n, row.events) == (602, 79)
    assert row.estimate == pytest.approx(odds_ratio, rel=1e-8)
    assert row.conf_low == pytest.approx(odds_ratio * math.exp(-spread), rel=1e-6)
    assert row.conf_high == pytest.approx(odds_ratio * math.exp(spread), rel=1e-6)


def test_the_centre_of_three_gives_no_absurd_number(real: Project):
    """Nobody of it has the outcome: separation is told, and every odds ratio stays small."""
    rows = [r for r in rows_of(real, "indomethacin") if r.statistic == "odds_ratio"]
    firth = one(rows, analysis="univariable", model="primary", term="treatment")
    table = (27.5, 268.5, 52.5, 255.5)  # a half more in each cell of the trial's table
    assert firth.estimate == pytest.approx(table[0] * table[3] / (table[1] * table[2]), rel=1e-6)
    adjusted = [r for r in rows if r.analysis == "multivariable" and r.model == "primary"]
    assert {r.method for r in adjusted} == {"penalised_profile"}
    assert all("Separation" in r.note for r in adjusted)
    assert all(r.status == "not_estimable" for r in rows if r.model == "gee")
    assert max(r.conf_high for r in rows if r.conf_high) < 100
    assert min(r.estimate for r in rows if r.estimate) > 0.01


STATA = {
    "age": ("per 1", "", ".9732636"),
    "weight": ("per 1", "", ".9849634"),
    "race_black": ("", "black", "3.534767"),
    "race_other": ("", "other", "2.368079"),
    "smoking": ("", "yes", "2.517698"),
    "premature_labours": ("per 1", "", "1.719161"),
    "hypertension": ("", "yes", "6.249602"),
    "uterine_irritability": ("", "yes", "2.1351"),
}
"""`logistic low age lwt i.race smoke ptl ht ui` of Stata's manual: the printed odds ratios."""


@pytest.mark.parametrize("name", STATA)
def test_the_model_of_statas_manual_to_its_last_printed_digit(real: Project, name: str):
    """And its standard errors as statsmodels holds them, from Stata's `glm`."""
    unit, level, printed = STATA[name]
    row = one(
        rows_of(real, "low_birth_weight"),
        analysis="multivariable",
        model="primary",
        statistic="odds_ratio",
        term=name.removesuffix("_black").removesuffix("_other"),
        level=level,
        unit=unit,
    )
    decimals = len(printed.partition(".")[2])
    assert round(row.estimate, decimals) == float(printed)
    assert (row.n, row.events, row.method) == (189, 59, "wald")
    of_stata = dict(zip(STATA, Lbw().bse[:-1], strict=True))
    # Those were taken one iteration before the end; ours satisfy the likelihood equations.
    assert row.std_error == pytest.approx(of_stata[name], rel=2e-5)


@pytest.mark.parametrize("cohort", MAIN)
def test_row_level_files_are_private(finished: Project, cohort: str):
    results = finished.path(f"results/{cohort}")
    for path in results.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        if "private" in path.relative_to(results).parts:
            assert mode == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("cohort", MAIN)
def test_estimates_are_the_concatenation_of_their_files(finished: Project, cohort: str):
    folder = finished.path(f"results/{cohort}")
    parts = [row for part in (folder / "estimates").glob("*.csv") for row in estimates.read(part)]
    whole = rows_of(finished, cohort)
    assert sorted(r.result_id for r in parts) == sorted(r.result_id for r in whole)
    assert len({r.result_id for r in whole}) == len(whole)


@pytest.mark.parametrize("cohort", MAIN)
def test_figure_data_name_their_rows(finished: Project, cohort: str):
    known = {row.result_id for row in rows_of(finished, cohort)}
    for path in finished.path(f"results/{cohort}/figure_data").iterdir():
        with path.open(encoding="utf-8") as file:
            assert {record["result_id"] for record in csv.DictReader(file)} <= known


def test_the_end_of_a_run_says_where_to_look(finished: Project):
    output = finished.path("run.txt").read_text("utf-8")
    assert "multicentre: reading, checking and cleaning the export" in output
    assert "early_ssc: multiple imputation" not in output  # its plan asks for none
    assert "steps (100%) done" in output
    assert "Open results/index.html" in output
    for cohort in MAIN:
        queries = pd.read_csv(finished.path(f"results/{cohort}/private/queries.csv"))
        assert f"{cohort}: results/{cohort}/report.html, {len(queries)} open queries" in output
