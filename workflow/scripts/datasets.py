"""Write one dataset per analysis, with only its patients and columns.

The set of files is fixed; where the plan has no such analysis, the file holds an empty table.
"""

from pathlib import Path

import pandas as pd

from calcinosis.derive import datasets
from calcinosis.job import job, keep_private


def main(source, needs, output):
    keep_private(Path(output.done).parent)
    flow, quality = pd.read_parquet(source.eligibility), pd.read_parquet(source.quality)
    patients = datasets.analysed(pd.read_parquet(source.patients), flow)
    made = {"flow": flow, "quality": quality, "records": datasets.records(quality)}
    if source.get("intervals"):
        intervals = datasets.analysed(pd.read_parquet(source.intervals), flow)
        films = pd.read_parquet(source.films)
        patients = datasets.with_outcomes(patients, intervals, films)
        made["severity"] = datasets.severity(intervals, films)
        made["regions"] = datasets.analysed(pd.read_parquet(source.regions), flow)
        made["incidence"] = datasets.incidence(intervals, films)
    if "models" in needs:
        made["models"] = datasets.models(patients, **needs["models"])
    if "lesions" in needs:
        made["lesions"] = datasets.lesions(patients, **needs["lesions"])
    for name in ("describe", "bone_density", "disability"):
        if name in needs:
            made[name] = datasets.select(patients, needs[name]["columns"])
    for name, path in output.items():
        if name != "done":
            made.get(name, pd.DataFrame()).to_parquet(path)
    Path(output.done).touch()


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input, snakemake.params.needs, snakemake.output)
