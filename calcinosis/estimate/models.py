"""Odds ratios: each covariate alone, and the plan's covariates together."""

from functools import cached_property

import numpy as np
import pandas as pd

from calcinosis.estimate import gee, logistic, model_rows, profile_likelihood
from calcinosis.estimate.design import Column, columns, model_columns
from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimate.model_rows import Model, Settings
from calcinosis.estimate.patterns import Patterns, collapse
from calcinosis.estimate.regression import Fitted, Sample, check, column_name, sample, term_rows
from calcinosis.estimates import Row

VARY = ": such estimates vary widely from sample to sample."
"""What is said of Firth's estimates by the plan beyond its budget."""


class Models:
    """The plan's models in the data of a cohort.

    Parameters
    ----------
    frame : dataset `models`: patient_id, the outcome (boolean) and the covariates
    settings : the plan's section `models`
    centres : its section `centres`, where it has one: variable, fixed_effect, gee
    """

    def __init__(self, frame: pd.DataFrame, settings: Settings, centres: Settings | None = None):
        self._frame = frame.sort_values("patient_id")
        self._settings, self._centres = settings, centres
        self._y = self._frame[settings["outcome"]].to_numpy(float)

    @cached_property
    def multivariable(self) -> Model:
        """The model of the covariates that enter together."""
        names = self._settings["multivariable"]
        design = model_columns(self._frame, names, self._settings["covariates"])
        return self._model("multivariable", design, self._everybody, self._fixed_centre)

    def univariable_rows(self) -> list[Row]:
        """Odds ratios of each covariate alone.

        Returns
        -------
        rows
            `model` is primary: of the patients of the multivariable model and by its estimator,
            where the covariate is in it, so that the two can be compared; `all_available` of all
            patients who have a value stands beside it where they are more. By covariate its odds
            ratios, events of each level, the likelihood ratio test, and the odds ratio that could
            have been detected.
        """
        rows = []
        together = self.multivariable
        for name, covariate in self._settings["covariates"].items():
            if covariate.get("interaction"):
                continue
            design = columns(self._frame, name, covariate)
            shared = name in self._settings["multivariable"] and not together.reason
            known = together.of.known if shared else self._everybody
            firth = shared and together.by_firth
            alone = self._model("univariable", design, known, firth=firth)
            rows += [
                *model_rows.rows(alone),
                *model_rows.beside(alone, self._settings),
                *model_rows.counts(alone),
                *model_rows.detectable(alone),
            ]
            if shared and not alone.of.known.all():
                more = self._model("univariable", design, self._everybody, firth=firth)
                if len(more.of.y) > len(alone.of.y):
                    rows += model_rows.rows(more, "all_available")
        return rows

    def multivariable_rows(self) -> list[Row]:
        """Odds ratios of covariates that are adjusted for each other.

        Returns
        -------
        rows
            `model` is primary, `ml` beside it where that is Firth's although the plan does not ask
            for it, and `gee` where the plan asks for it; patients with a missing value in any of
            the covariates leave. With a fixed effect the primary model has a parameter for each
            centre but the first. By term its odds ratios, the likelihood ratio test and the
            generalised variance inflation factor.
        """
        model = self.multivariable
        rows = [
            *model_rows.rows(model),
            *model_rows.beside(model, self._settings),
            *model_rows.inflation(model),
        ]
        if self._centres and self._centres.get("gee"):
            rows += self._gee_rows(model)
        return rows

    def _gee_rows(self, model: Model) -> list[Row]:
        centre = self._centre
        assert centre is not None

        def clustered(
            X: np.ndarray, y: np.ndarray, used: list[Column], known: np.ndarray
        ) -> Fitted:
            check(X, y, used, X)
            return gee.fit(X, y, centre.cat.codes.to_numpy()[known])

        identity = {**model.identity, "model": "gee", "statistic": "odds_ratio"}
        known = centre.notna().to_numpy()
        return term_rows(identity, "bias_reduced_t", model.of.design, self._y, known, clustered)

    @property
    def _everybody(self) -> np.ndarray:
        return np.ones(len(self._y), bool)

    @property
    def _centre(self) -> pd.Series | None:
        return self._frame[self._centres["variable"]] if self._centres else None

    @property
    def _fixed_centre(self) -> pd.Series | None:
        return self._centre if self._centres and self._centres["fixed_effect"] else None

    def _model(
        self,
        analysis: str,
        design: list[Column],
        known: np.ndarray,
        centre: pd.Series | None = None,
        *,
        firth: bool = False,
    ) -> Model:
        """Fit one model; `firth`, where another model that it is compared with is Firth's."""
        identity = {"analysis": analysis, "outcome": self._settings["outcome"]}
        if centre is not None:
            known = known & centre.notna().to_numpy()
        of, by_firth = sample(design, self._y, known), self._settings["estimator"] == "firth"
        method = "penalised_profile" if by_firth else self._settings["intervals"]
        if not of.used:
            return Model(identity, of, method)
        at = None if centre is None else centre[of.known].cat.remove_unused_categories()
        dummies = [] if at is None else [pd.get_dummies(at, drop_first=True, dtype=float)]
        whole = np.column_stack([of.X, *dummies])
        plain, separates, data = None, None, None
        try:
            data = collapse(whole, of.y)
            check(of.X, of.y, of.used, data.X)  # patterns have the rank of the rows
            plain, separates = logistic.maximum_likelihood_or_separation(data)
            reasons = _separation(of, separates, at)
            fit, notes = _estimate(data, of.X.shape[1], plain, reasons, self._settings, firth)
        except NotEstimableError as error:
            return Model(identity, of, method, data, None, plain, separates, reason=str(error))
        return Model(identity, of, method, data, fit, plain, separates, notes)


def over_budget(data: Patterns, settings: Settings) -> str:
    """By how much a model exceeds the plan's events per parameter; empty where it does not."""
    parameters = data.X.shape[1]
    fewest = int(min(data.events.sum(), (data.trials - data.events).sum()))
    if fewest >= settings["events_per_parameter"] * parameters:
        return ""
    return (
        f"{fewest} patients in the smaller outcome class for {parameters} "
        f"parameter{'s' if parameters > 1 else ''}, fewer than "
        f"{settings['events_per_parameter']} each"
    )


def _estimate(
    data: Patterns,
    measured: int,
    plain: Fit | None,
    separation: list[str],
    settings: Settings,
    firth: bool,
) -> tuple[Fit, list[str]]:
    """The plan's estimate, and what the reader must know of it; centres are not measured."""
    few = [text for text in [over_budget(data, settings)] if text]
    if settings["estimator"] == "firth":
        return profile_likelihood.firth(data, measured=measured), [text + VARY for text in few]
    if few and settings["over_budget"] == "refuse":
        raise NotEstimableError(f"{few[0]}, which the plan refuses to fit.")
    if plain is None or few or firth:
        over = [f"{text}, so that this is Firth's estimate." for text in few]
        return profile_likelihood.firth(data, measured=measured), [*separation, *over]
    return profile_likelihood.profile(data, measured=measured) if settings[
        "intervals"
    ] == "profile" else plain, []


def _separation(of: Sample, separates: np.ndarray, centre: pd.Series | None) -> list[str]:
    """A note that names what separates the outcome; none where nothing does."""
    if not separates.any():
        return []
    what = [column_name(c) for c, infinite in zip(of.used, separates, strict=False) if infinite]
    if centre is not None:
        share = pd.Series(of.y).groupby(centre.to_numpy()).mean()
        what += [f"{centre.name} {level}" for level in share.index[share.isin([0, 1])]]
    return [
        f"Separation: {', '.join(what) or 'a combination of centres'} predicts the outcome "
        "perfectly in some of these patients, so that maximum likelihood has no finite estimate; "
        "this is Firth's estimate."
    ]
