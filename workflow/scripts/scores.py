"""Add to the patients table what the plan derives from items: composites, scores, classes."""

from pathlib import Path

import pandas as pd

from calcinosis.derive import bone_density, classification, definitions, disability, lesions
from calcinosis.job import job, keep_private


def main(patients, plan, output):
    keep_private(Path(output).parent)
    frame = definitions.define(pd.read_parquet(patients), plan["definitions"])
    if plan["classification"]:
        frame = frame.assign(**classification.acr_eular_2013(frame))
    if plan["lesions"]:
        frame["location_class"] = lesions.location_class(frame, **plan["lesions"])
    if plan["bone_density"]:
        frame["t_score"] = bone_density.t_score(frame, **plan["bone_density"])
        frame["who_class"] = bone_density.who_class(frame["t_score"])
    if plan["disability"]:
        if "haq_di" in plan["disability"]["scores"]:
            frame["haq_di"] = disability.haq_di(frame, aids=plan["disability"]["aids"])
        if "cochin" in plan["disability"]["scores"]:
            frame["cochin"] = disability.cochin(frame)
    frame.to_parquet(output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input[0], snakemake.params.plan, snakemake.output[0])
