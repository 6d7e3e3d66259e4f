"""What both bootstraps do with resamples that lack a level, the reference or everything."""

import numpy as np
import pandas as pd
import pytest
from firthmodels import FirthLogisticRegression
from scipy import special
from test_models import frame_of, random_frame, yes_no
from test_optimism import YES, model_of

from calcinosis.estimate import bootstrap, logistic, optimism, profile_likelihood, resamples
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.patterns import Patterns, independent

RARE = 3


def rare(n: int = 60) -> pd.DataFrame:
    """Three patients with a sign and with a stage of their own, one of them with the outcome."""
    frame = random_frame(n)
    frame.loc[: RARE - 1, "progression"] = [True, False, False]
    there = np.arange(n) < RARE
    stage = np.where(there, "i", np.where(frame["age"] < 50, "ii", "iii"))
    return frame.assign(sign=yes_no(there.astype(int)), stage=stage)


def staged(order: list[str]) -> tuple:
    """The model with the levels of the stage in an order; the first is the reference."""
    frame = rare()
    frame["stage"] = pd.Categorical(frame["stage"], order, ordered=True)
    covariates = {"sex": YES, "stage": {"reference": order[0]}}
    return model_of(frame, covariates), covariates


@pytest.mark.parametrize("estimator", ["maximum_likelihood", "firth"])
def test_a_resample_without_the_only_covariate_is_the_mean_risk(estimator):
    model = model_of(rare(), {"sign": YES}, estimator=estimator)
    absent = [i for i in range(100) if bootstrap.drawn(model, 1, i).trials[-1] == 0]
    assert len(absent) == pytest.approx(100 * (1 - RARE / 60) ** 60, abs=4)
    found = optimism.batch(model, 1, range(100))
    assert list(found.index[found["level_vanished"]]) == absent
    assert not found["left_out"].any()
    assert (found.loc[absent, "auc"] == 0).all()
    risks = resamples.batch(model, {"sign": YES}, 1, range(100))
    assert list(risks.index[risks["0_with"].isna()]) == absent
    for i in absent:
        data = bootstrap.drawn(model, 1, i)
        fit = bootstrap.refit(data, firth=model.by_firth)
        assert special.expit(fit.intercept) == pytest.approx(data.events.sum() / data.trials.sum())


def test_the_order_of_levels_changes_no_contrast_and_loses_no_resample():
    model, covariates = staged(["i", "ii", "iii"])  # the rare level is the reference
    turned, turned_covariates = staged(["iii", "ii", "i"])
    mine = resamples.batch(model, covariates, 1, range(60))
    theirs = resamples.batch(turned, turned_covariates, 1, range(60))
    of_sex = ["0_with", "0_without"]
    assert mine[of_sex].notna().all(axis=None)
    pd.testing.assert_frame_equal(mine[of_sex], theirs[of_sex], rtol=1e-6)
    # iii against i is the last contrast of both, once each way round.
    ratio = mine["2_with"] / mine["2_without"]
    assert 0 < ratio.isna().sum() < 15
    assert list(ratio) == pytest.approx(
        list(theirs["2_without"] / theirs["2_with"]), rel=1e-6, nan_ok=True
    )
    for found in (optimism.batch(model, 1, range(60)), optimism.batch(turned, 1, range(60))):
        assert found["level_vanished"].sum() == ratio.isna().sum()
        assert not found["left_out"].any()


def test_a_centre_that_vanishes_loses_no_contrast():
    frame = rare().assign(centre=lambda d: pd.Categorical(d["stage"]))
    centres = {"variable": "centre", "fixed_effect": True, "gee": False}
    model = model_of(frame, {"sex": YES}, centres=centres)
    found = resamples.batch(model, {"sex": YES}, 1, range(60))
    assert optimism.batch(model, 1, range(60))["level_vanished"].any()
    assert found.notna().all(axis=None)


def test_what_a_resample_does_not_tell_has_no_risk():
    x = np.array([[0.0, 1, 1], [1, 0, 1], [1, 0, 1], [0, 1, 1]])
    data = Patterns(x, np.array([1.0, 0, 1, 0]), np.ones(4), np.arange(4))
    kept = independent(x)
    assert list(kept) == [0]
    assert bootstrap.tells(data, kept, x)
    assert not bootstrap.tells(data, kept, np.zeros((4, 3))), "neither of two levels"
    assert not bootstrap.tells(data, kept, x * [1, 1, 0]), "another constant"


@pytest.mark.parametrize("seed", range(20))
def test_independent_columns_span_all_of_them(seed):
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(2, 9)), int(rng.integers(1, 9))
    x = rng.integers(0, 2, (n, p)) * 10.0 ** rng.integers(-3, 4, p)
    kept = independent(x)
    rank = np.linalg.matrix_rank((x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9))
    assert len(kept) == rank
    assert len(kept) == 0 or logistic.is_full_rank(x[:, kept] / x[:, kept].std(axis=0))


def test_a_resample_that_cannot_be_solved_is_counted(monkeypatch):
    model = model_of(rare(), {"sign": YES}, estimator="firth")

    def unsolvable(*_args, **_settings):
        raise np.linalg.LinAlgError("dpotrf failed")

    monkeypatch.setattr(FirthLogisticRegression, "fit", unsolvable)
    with pytest.raises(NotEstimableError, match="did not converge"):
        profile_likelihood.firth(model.data)
    found = optimism.batch(model, 1, range(5))
    assert (found["left_out"] | found["level_vanished"]).all()
    assert found["left_out"].any()
    assert resamples.batch(model, {"sign": YES}, 1, range(5))["0_with"].isna().all()


def test_an_outcome_without_variation_has_no_fit():
    model = model_of(frame_of([True] + [False] * 29, sex=yes_no([0, 1] * 15)), {"sex": YES})
    data = model.data
    with pytest.raises(NotEstimableError, match="same in all"):
        bootstrap.refit(Patterns(data.X, 0 * data.events, data.trials, data.of_row), firth=False)
