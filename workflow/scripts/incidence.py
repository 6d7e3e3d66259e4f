"""Estimate the incidence of progression: rates, strata, hazard ratios, curves, transitions."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate import cumulative, incidence, strata
from calcinosis.estimate.hazard_ratios import hazard_rows
from calcinosis.estimate.markov import markov_rows
from calcinosis.frames import read_frame


def rows(pairs, plan):
    per, further, horizon = plan["per"], plan["intervals"], plan["horizon"]
    those = pairs[pairs["at_risk"]] if plan["at_risk_only"] else pairs
    suffix = "_at_risk" if plan["at_risk_only"] else ""
    several = plan["comparison"] == "consecutive"
    by = {"ordered": plan["ordered"], "suffix": suffix}
    return [
        *incidence.incidence_rows(pairs, per, further),
        *(incidence.first_last_rows(pairs, per, further) if several else []),
        *cumulative.curves(those, plan["by"], horizon, suffix),
        *strata.stratum_rows(those, plan["by"], per, **by),
        *hazard_rows(those, plan["covariates"], horizon, suffix),
        *markov_rows(pairs, per),
    ]


def main(intervals, plan, output):
    pairs = read_frame(intervals)
    estimates.write(estimates.attempt("incidence", lambda: rows(pairs, plan)), output)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.intervals, snakemake.params.incidence, snakemake.output[0])
