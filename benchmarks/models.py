"""A million rows: 20 univariable models and one multivariable, beside plain `glm` of R.

`make benchmark-models` (two minutes; the peer needs `Rscript`, of Debian's r-base). Ages and
durations are in whole years, so that many patients share a covariate pattern; `row by row` fits the
same multivariable model without counting patterns, which is what numbers with many decimals cost.
Loading is not counted on either side.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from calcinosis.estimate import logistic
from calcinosis.estimate.models import Models
from calcinosis.estimate.patterns import Patterns, collapse

ROWS, SIGNS, REPEATS = 1_000_000, 18, 3
TOGETHER = ("age", "disease_duration", "sign_00", "sign_01", "sign_02", "sign_03")

OF_R = """
d <- read.csv("{path}")
y <- d$outcome
started <- proc.time()[["elapsed"]]
for (name in setdiff(names(d), "outcome")) m <- glm(y ~ d[[name]], family = binomial)
alone <- proc.time()[["elapsed"]] - started
started <- proc.time()[["elapsed"]]
m <- glm(outcome ~ {together}, family = binomial, data = d)
together <- proc.time()[["elapsed"]] - started
cat(alone, together, sprintf("%.10f", coef(m)[-1]))
"""


def simulated(rows: int) -> pd.DataFrame:
    """Ages and durations in whole years, yes/no signs, an outcome that depends on some."""
    rng = np.random.default_rng(568)
    age = rng.integers(20, 85, rows).astype(float)
    duration = rng.integers(0, 40, rows).astype(float)
    signs = rng.random((rows, SIGNS)) < rng.uniform(0.05, 0.5, SIGNS)
    log_odds = -1.5 + 0.01 * age + 0.02 * duration + signs[:, :4] @ [0.5, 0.3, -0.2, 0.0]
    outcome = rng.random(rows) < 1 / (1 + np.exp(-log_odds))
    words = {
        f"sign_{i:02d}": pd.Categorical.from_codes(signs[:, i].astype(int), ["no", "yes"])
        for i in range(SIGNS)
    }
    return pd.DataFrame(
        {
            "patient_id": np.arange(rows),
            "outcome": outcome,
            "age": age,
            "disease_duration": duration,
            **words,
        }
    )


def settings(frame: pd.DataFrame) -> dict:
    covariates = {"age": {"per": 1}, "disease_duration": {"per": 1}}
    covariates |= {name: {"reference": "no"} for name in frame if name.startswith("sign_")}
    return {
        "outcome": "outcome",
        "covariates": covariates,
        "multivariable": list(TOGETHER),
        "estimator": "maximum_likelihood",
        "intervals": "wald",
        "events_per_parameter": 10,
        "over_budget": "firth",
    }


def timed(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median wall time of some runs."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def of_r(frame: pd.DataFrame) -> list[float] | None:
    """Seconds of R for the 20 models and for the one, and the coefficients of that."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        numbers = frame.drop(columns="patient_id").assign(outcome=frame["outcome"].astype(int))
        for name in numbers.select_dtypes("category"):
            numbers[name] = numbers[name].cat.codes
        numbers.to_csv(path, index=False)
        script = Path(folder) / "peer.R"
        script.write_text(OF_R.format(path=path, together=" + ".join(TOGETHER)), "utf-8")
        done = subprocess.run(["Rscript", str(script)], capture_output=True, text=True, check=True)
    return [float(text) for text in done.stdout.split()]


def main() -> None:
    frame = simulated(ROWS)
    section = settings(frame)

    def ours() -> list:
        models = Models(frame, section)
        return [*models.univariable_rows(), *models.multivariable_rows()]

    rows = ours()
    found = [
        np.log(r.estimate)
        for r in rows
        if (r.analysis, r.model, r.statistic) == ("multivariable", "primary", "odds_ratio")
    ]
    model = Models(frame, section).multivariable
    apart = Patterns(model.of.X, model.of.y, np.ones(ROWS), np.arange(ROWS))
    assert model.data is not None
    patterns, covariates = len(model.data.trials), len(section["covariates"])
    counted = timed(lambda: logistic.maximum_likelihood(collapse(model.of.X, model.of.y)))
    by_row = timed(lambda: logistic.maximum_likelihood(apart), 1)
    print(f"{ROWS:,} rows, {covariates} + 1 models; medians of {REPEATS}, seconds")
    print(f"all models, tests and checks   {timed(ours):6.2f}")
    print(f"  patterns of the one model    {patterns:,} ({patterns / ROWS:.1%} of the rows)")
    print(f"  the one, counted and fitted  {counted:6.2f}")
    print(f"  the one, row by row          {by_row:6.2f}")
    peer = of_r(frame)
    if peer is None:
        print("R is not installed: no peer")
    else:
        alone, together, *coefficients = peer
        print(f"R glm, the same 20 + 1         {alone + together:6.2f}")
        print(f"  of which the one             {together:6.2f}")
        off = float(np.abs(np.array(found) - coefficients).max())
        print(f"  largest difference of a log odds ratio {off:.1e}")


if __name__ == "__main__":
    sys.exit(main())
