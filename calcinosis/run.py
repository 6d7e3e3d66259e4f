"""What a run knows before its first job: its cohorts, and the facts of each."""

from collections.abc import Iterable
from typing import Any

from calcinosis import cohort, plan, provenance
from calcinosis.errors import InputError


def facts(
    config: dict[str, Any], config_file: str, remembered: provenance.Remembered
) -> tuple[dict[str, Any], list[str]]:
    """Read the configuration and everything that the rules must know of its cohorts.

    Parameters
    ----------
    config : the engine's configuration, as Snakemake has read it
    config_file : the path of its file
    remembered : the hashes of exports that have not changed

    Returns
    -------
    facts : plain values: `suffix` (of the run's index and verdict), `plan_files` (cohort to its
        plan, sorted by name, so that the order in the configuration makes nothing again),
        `cohorts` (cohort to its facts, see `cohort.facts`) and `files`, as below
    files : the paths of all that was read, and of what would have been read if it were there

    Raises
    ------
    InputError
        See `plan.read_run` and `cohort.facts`; or the configuration lists no cohort.
    """
    run = plan.read_run(config, config_file)
    if not run.cohorts:
        raise InputError(
            f"{config_file} lists no cohort. Put the export in a folder such as cohorts/NAME/, "
            "with its cohort.yaml and codebook.csv beside it, and add the line\n"
            "  - cohorts/NAME/cohort.yaml\nbelow `cohorts:`."
        )
    plan_files = {plan.cohort_name(path): path for path in sorted(run.cohorts)}
    of_cohorts = {name: cohort.facts(path, remembered) for name, path in plan_files.items()}
    files = [config_file, *plan_files.values()]
    for each in of_cohorts.values():
        files += _read_for(each)
    made = {"suffix": run.suffix, "plan_files": plan_files, "cohorts": of_cohorts}
    return made | {"files": files}, files


def _read_for(of_cohort: dict[str, Any]) -> Iterable[str]:
    yield of_cohort["codebook"]
    yield from map(str, of_cohort["dictionaries"])
    yield from of_cohort["exports"]
    for side_file in of_cohort["side_files"].values():
        yield side_file["path"]
    if of_cohort["word_template"]:
        yield of_cohort["word_template"]["path"]
