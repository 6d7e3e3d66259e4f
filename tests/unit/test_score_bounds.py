"""Bounds of scores: whatever the missing answers are, the complete score lies within."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcinosis.derive import definitions, disability, totals
from calcinosis.derive.instruments import COCHIN, HAQ, HAQ_AIDS, MRSS

SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.sampled_from([0.0, 0.05, 0.3, 0.9, 1.0])


def answers(rng: np.random.Generator, items, highest: int, patients: int = 8) -> pd.DataFrame:
    values = rng.integers(0, highest + 1, (patients, len(items)))
    return pd.DataFrame(values.astype(float), columns=list(items))


def with_holes(rng: np.random.Generator, complete: pd.DataFrame, share: float) -> pd.DataFrame:
    return complete.mask(rng.random(complete.shape) < share)


def holds(found: pd.DataFrame, truth: pd.Series) -> None:
    assert (found["lower"] <= truth + 1e-12).all()
    assert (truth <= found["upper"] + 1e-12).all()


@given(seed=SEEDS, share=SHARES, instrument=st.sampled_from([MRSS, COCHIN]))
def test_totals(seed, share, instrument):
    rng = np.random.default_rng(seed)
    complete = answers(rng, instrument.items, instrument.highest)
    seen = with_holes(rng, complete, share)
    found = totals.total(seen, instrument.items, instrument.highest)
    holds(found, complete.sum(axis=1))
    whole = seen.notna().all(axis=1)
    assert (found["score"].notna() == whole).all()
    assert (found.loc[whole, "lower"] == found.loc[whole, "upper"]).all()
    width = seen.isna().sum(axis=1) * instrument.highest
    assert (found["upper"] - found["lower"] == width).all()


def reference_haq(row: pd.Series, *, aids: bool) -> float:
    """The index of complete answers, category by category."""
    sizes, scores, start = (2, 2, 3, 2, 3, 2, 3, 3), [], 0
    for number, size in enumerate(sizes):
        worst = row[list(HAQ.items[start : start + size])].max()
        flags = row[list(HAQ_AIDS[2 * number : 2 * number + 2])]
        scores.append(max(worst, 2) if aids and (flags == "yes").any() else worst)
        start += size
    return sum(scores) / 8


@given(seed=SEEDS, share=SHARES, aids=st.booleans())
def test_haq_di(seed, share, aids):
    rng = np.random.default_rng(seed)
    items = answers(rng, HAQ.items, 3)
    flags = pd.DataFrame(
        rng.choice(["no", "yes"], (len(items), len(HAQ_AIDS)), p=[0.8, 0.2]), columns=HAQ_AIDS
    ).astype(object)
    truth = items.join(flags).apply(reference_haq, axis=1, aids=aids)
    complete = disability.haq_di(items.join(flags), aids=aids)
    for column in ("score", "lower", "upper"):
        assert complete[column].tolist() == pytest.approx(truth.tolist())
    seen = with_holes(rng, items, share).join(with_holes(rng, flags, share))
    found = disability.haq_di(seen, aids=aids)
    holds(found, truth)
    without = disability.haq_di(seen, aids=False)
    assert (found["lower"] >= without["lower"]).all()
    assert found["lower"].between(0, 3).all() and found["upper"].between(0, 3).all()


def test_haq_di_of_a_category_that_nobody_answered():
    """Seven categories at 1: the eighth may be anything from 0 to 3, or from 2 with an aid."""
    frame = pd.DataFrame([dict.fromkeys(HAQ.items, 1.0)] * 2)
    frame[["haq_walk", "haq_steps"]] = np.nan
    frame["haq_aid_walking"] = ["no", "yes"]
    found = disability.haq_di(frame)
    assert found["score"].tolist() == [1, 1]
    assert found["lower"].tolist() == [7 / 8, 9 / 8]
    assert found["upper"].tolist() == [10 / 8, 10 / 8]


@given(seed=SEEDS, share=SHARES, cut=st.integers(1, 4))
def test_graded_digits(seed, share, cut):
    rng = np.random.default_rng(seed)
    digits = [f"digit_{number}" for number in range(10)]
    complete = answers(rng, digits, 4)
    seen = with_holes(rng, complete, share)
    found = definitions.composite(seen, "x", {"any_of": digits, "at_least": cut, "highest": 4})
    count, worst = (complete >= cut).sum(axis=1), complete.max(axis=1)
    for name, truth in (("x_count", count), ("x_worst", worst)):
        holds(found[[f"{name}_lower", f"{name}_upper"]].set_axis(["lower", "upper"], axis=1), truth)
        known = found[name].notna()
        assert (found.loc[known, name] == truth[known]).all()
    known = found["x"].notna()
    assert ((found["x"] == "yes") == (count > 0))[known].all()
    assert (found["x_count_lower"] > 0).equals(found["x"] == "yes")
    assert (found["x_count_upper"] == 0).equals(found["x"] == "no")


@pytest.mark.parametrize(
    ("length", "mark", "score"),
    [(15, 15, 3), (15, 1, 0.2), (150, 75, 1.5), (100, 50, 1.5), (3, 1.25, 1.25), (100, 0, 0)],
)
def test_visual_scales_whatever_the_line(length, mark, score):
    found = disability.visual_scale(pd.Series([mark, np.nan]), length)
    assert found.iloc[0].tolist() == pytest.approx([score] * 3)
    assert found["score"].isna().tolist() == [False, True]
    assert found.loc[1, ["lower", "upper"]].tolist() == [0, 3]


def test_the_skin_score_has_17_sites_and_goes_to_51():
    assert len(set(MRSS.items)) == 17
    worst = pd.DataFrame([dict.fromkeys(MRSS.items, 3)])
    assert totals.total(worst, MRSS.items, MRSS.highest)["score"].tolist() == [51]
