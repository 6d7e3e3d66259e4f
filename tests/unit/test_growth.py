"""No step of the estimates grows faster than the patients, nearly."""

import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from calcinosis.estimate import (
    contrasts,
    exchangeable,
    group_contrasts,
    imputation,
    median_regression,
    pairwise,
    performance,
)
from calcinosis.estimate.patterns import collapse
from calcinosis.simulate import multicentre_large
from calcinosis.simulate.multicentre_large_patients import patients

FEW, MANY = 2_500, 25_000
MOST = 40
"""Times the seconds or bytes for ten times the patients: quadratic steps have a hundred."""


def numbers(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    x = np.column_stack([rng.integers(0, 40, n), rng.integers(0, 2, n)]).astype(float)
    score = (x @ [0.02, 0.3] + rng.normal(size=n)).round(2)
    return x, score, rng.integers(0, 10, n)


def shift(n):
    _, score, centre = numbers(n)
    contrasts.hodges_lehmann(score[centre < 4], score[centre >= 4])


def pairs(n):
    _, score, centre = numbers(n)
    by = pd.Series(pd.Categorical.from_codes(centre % 3, list("abc"), ordered=True), name="by")
    pairwise.pairwise_rows("disability", pd.Series(score), by)


def contrast(n):
    _, score, centre = numbers(n)
    by = pd.Series(pd.Categorical.from_codes(centre % 2, list("ab"), ordered=True), name="by")
    group_contrasts.contrast_rows("bone_density", pd.Series(score), by, "t_score", 1)


def median(n):
    x, score, _ = numbers(n)
    median_regression.fit(x, score)
    median_regression.resampled(x, score, 1, 3)


def equations(n):
    x, score, centre = numbers(n)
    data = collapse(np.column_stack([x, centre]), score > 0.7)
    exchangeable.fit(data.X[:, :-1], data.events, data.trials, data.X[:, -1])


def area(n):
    x, score, _ = numbers(n)
    of = performance.ranked(score, (x[:, 0] > 20).astype(float), np.ones(n))
    performance.delong(of)


def impute(n):
    x, score, centre = numbers(n)
    frame = pd.DataFrame({"patient_id": np.arange(n), "x": x[:, 0], "score": score})
    frame["sign"] = pd.Categorical.from_codes(x[:, 1].astype(int), ["no", "yes"])
    frame.loc[centre == 0, ["score", "sign"]] = np.nan
    of = {"ordered": [], "iterations": 1, "donors": 5, "seed": 1, "number": 0}
    imputation.imputed_values(frame, **of)


def used(step, n: int) -> tuple[float, int]:
    """Processor seconds, the less of two, and the peak of what was asked of memory."""
    taken = []
    for _ in range(2):
        start = time.process_time()
        step(n)
        taken.append(time.process_time() - start)
    tracemalloc.start()
    step(n)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(taken), peak


@pytest.mark.parametrize("step", [shift, pairs, contrast, median, equations, area, impute])
def test_ten_times_the_patients_take_less_than_forty_times(step):
    step(100)  # imports
    (few, least), (many, most) = used(step, FEW), used(step, MANY)
    # A quadratic step of a hundredth of a second would take a second.
    assert many < MOST * max(few, 0.02)
    assert most < MOST * max(least, 100_000)


def test_the_large_export_is_the_same_for_a_seed_and_another_for_another(tmp_path):
    made = []
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        (tmp_path / name).mkdir()
        made.append([p.read_bytes() for p in multicentre_large.write(tmp_path / name, 300, seed)])
    assert made[0] == made[1]
    assert made[0][0] != made[2][0]


def test_the_large_export_has_about_the_margins_of_the_cohort():
    drawn = patients(np.random.default_rng(3), "centre_01", 20_000)
    found = {n: np.mean(drawn[n].codes[drawn[n].codes >= 0]) for n in ("sex", "subset")}
    assert found["sex"] == pytest.approx(496 / 564, abs=0.01)
    assert found["subset"] == pytest.approx(1 - 297 / 540, abs=0.015)
    has = drawn["calcinosis_imaging"].codes == 1
    for name in ("calcinosis_examination", "calcinosis_history"):
        has |= drawn[name].codes == 1
    assert has.mean() == pytest.approx(50 / 131, abs=0.05)
