"""Choose which readings count, compare the films of each patient, and pair double readings."""

from calcinosis.job import keep_private, step

from pathlib import Path

from calcinosis.derive import progression, readings, sctc
from calcinosis.frames import read_frame, write_frame

COMPARED = ("intervals", "regions", "first_last_regions", "films", "grades")


def main(table, plan, output):
    keep_private(Path(output.intervals).parent)
    tidy = readings.tidy(read_frame(table))
    levels, rules = list(tidy["grade"].cat.categories), (plan.disagreement, plan.primary)
    grades = readings.combine_readers(tidy, *rules)
    how = {"comparison": plan.comparison, "unread_regions": plan.unread_regions}
    compared = progression.compare(grades, levels, **how, worsening=plan.worsening)
    made = {name: getattr(compared, name) for name in COMPARED}
    made["definitions"] = progression.by_definition(grades, levels, **how)
    values = {"grade": readings.grade_codes(tidy)}
    if plan.weights:
        values["sctc"] = sctc.region_scores(tidy, plan.weights)
        scores = readings.combine(readings.of_regions(tidy, values["sctc"]), *rules)
        made["sctc"] = sctc.changes(scores, plan.weights, plan.comparison)
    made["double_readings"] = readings.double_readings(tidy, values)
    for name, path in output.items():
        write_frame(made.get(name), path)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input[0], snakemake.params, snakemake.output)
