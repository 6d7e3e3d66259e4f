"""Commands beside the engine: `python -m calcinosis --help`."""

import argparse
import importlib
import sys
from pathlib import Path

COHORTS = Path("cohorts")
TEST_DATA = Path("tests/data")
SIMULATED = {
    # Each module has `export` and the default `SEED` of everything that it draws.
    "early_ssc": "calcinosis.simulate.early_ssc",
    "multicentre": "calcinosis.simulate.multicentre",
}


def main(arguments: list[str] | None = None) -> None:
    """Run a command."""
    parser = argparse.ArgumentParser(
        prog="calcinosis",
        description="Commands beside the workflow; `snakemake --cores 4` runs the analyses.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    simulate = commands.add_parser(
        "simulate",
        help="write a bundled cohort's simulated export, its clean twin and its answer key",
    )
    simulate.add_argument("cohort", choices=list(SIMULATED))
    simulate.add_argument("--seed", type=int, help="default: the cohort's own")
    simulate.set_defaults(run=_simulate)
    check = commands.add_parser(
        "check",
        help="list all problems of a cohort's plan, codebook, export and side files, and what a "
        "run would ask; writes nothing",
    )
    check.add_argument("cohort", help="its name, its folder, or its cohort.yaml")
    check.set_defaults(run=_check)
    explain = commands.add_parser(
        "explain",
        help="follow a printed number from the page to the rows of the export (names patients)",
    )
    explain.add_argument("cohort", help="its name, its folder, or its cohort.yaml")
    explain.add_argument("result_id", help="the number's name in the appendix of the report")
    explain.set_defaults(run=_explain)
    compare = commands.add_parser(
        "compare",
        help="what differs between two remembered exports; without names, the last one and the "
        "one that ran before it",
    )
    compare.add_argument("cohort", help="its name, its folder, or its cohort.yaml")
    compare.add_argument(
        "old", nargs="?", help="first digits of an export, or EXPORT/STATE for one of its states"
    )
    compare.add_argument("new", nargs="?", help="the same; default: the last run")
    compare.add_argument(
        "--into", type=Path, help="also write the page, its table and the private lists here"
    )
    compare.set_defaults(run=_compare)
    verify = commands.add_parser(
        "verify",
        help="say whether results are what export, plan and code make: what is stale, edited, "
        "missing or foreign, and the command that mends it",
    )
    verify.add_argument("cohort", nargs="?", default="", help="as in check; without it, all")
    verify.add_argument("--configfile", default="config.yaml", help="default: config.yaml")
    verify.set_defaults(run=_verify)
    schema = commands.add_parser(
        "schema", help="generate workflow/schemas/ and docs/plan.md from the plan's classes"
    )
    schema.set_defaults(run=_schema)
    options = parser.parse_args(arguments)
    options.run(options)


def _simulate(options: argparse.Namespace) -> None:
    module = importlib.import_module(SIMULATED[options.cohort])
    export = module.export(module.SEED if options.seed is None else options.seed)
    paths = export.write(COHORTS / options.cohort, version="messy")
    paths += export.write(TEST_DATA / options.cohort / "clean", version="clean")
    paths += export.write(TEST_DATA / options.cohort, version="key")
    print("Simulated; nobody in it exists:", *paths, sep="\n  ")


def _check(options: argparse.Namespace) -> None:
    from calcinosis import check

    path = _plan_file(options.cohort)
    checked = check.check(path)
    try:
        print(check.words(str(path), checked), flush=True)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
    sys.exit(bool(checked.problems))


def _plan_file(cohort: str) -> Path:
    given = Path(cohort)
    path = given if given.suffix == ".yaml" else given / "cohort.yaml"
    return path if path.exists() or len(given.parts) > 1 else COHORTS / given / "cohort.yaml"


def _explain(options: argparse.Namespace) -> None:
    from calcinosis.errors import InputError
    from calcinosis.explain import explain

    try:
        for line in explain(_plan_file(options.cohort), options.result_id):
            print(line)
    except InputError as error:
        sys.exit(str(error))
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()


def _compare(options: argparse.Namespace) -> None:
    from calcinosis.compare import compare
    from calcinosis.errors import InputError

    try:
        print(compare(_plan_file(options.cohort), options.old, options.new, options.into))
    except InputError as error:
        sys.exit(error.message)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()


def _verify(options: argparse.Namespace) -> None:
    from calcinosis import verify
    from calcinosis.errors import InputError

    try:
        given = Path(options.cohort)
        name = given.parent.name if given.suffix == ".yaml" else given.name
        problems = verify.verify(options.configfile, name)
    except InputError as error:
        sys.exit(str(error))
    for problem in problems:
        print(f"{problem.kind:8} {problem.path}: {problem.said}")
    mending = verify.command(problems, options.configfile)
    if mending:
        print(f"To mend: {mending}")
    if not problems:
        print("OK: every result is what this export, plan and code make.")
    sys.exit(bool(problems))


def _schema(_options: argparse.Namespace) -> None:
    from calcinosis import plan, plan_pages

    schemas = Path("workflow/schemas")
    schemas.mkdir(parents=True, exist_ok=True)
    (schemas / "cohort.schema.json").write_text(plan_pages.schema_json(plan.Plan), "utf-8")
    (schemas / "config.schema.json").write_text(plan_pages.schema_json(plan.Run), "utf-8")
    (schemas / "published.schema.json").write_text(plan_pages.published_schema(), "utf-8")
    Path("docs/plan.md").write_text(plan_pages.reference_page(), "utf-8")


if __name__ == "__main__":
    main()
