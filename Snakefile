# From cohort exports to checkable reports: `snakemake --cores 4`.
# A cohort is a folder under cohorts/ and a line in config.yaml; docs/ explains both.

from snakemake.utils import min_version

from calcinosis import strict_yaml

min_version("9.0")
strict_yaml.load("config.yaml")  # the engine would not say which line it cannot read


configfile: "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/ingest.smk"
include: "workflow/rules/queries.smk"
include: "workflow/rules/severity.smk"
include: "workflow/rules/eligibility.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/sctc.smk"
include: "workflow/rules/agreement.smk"
include: "workflow/rules/misclassification.smk"
include: "workflow/rules/incidence.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/risks.smk"
include: "workflow/rules/ordinal.smk"
include: "workflow/rules/missing_data.smk"
include: "workflow/rules/centres.smk"
include: "workflow/rules/validation.smk"
include: "workflow/rules/multiplicity.smk"
include: "workflow/rules/describe.smk"
include: "workflow/rules/bone_density.smk"
include: "workflow/rules/disability.smk"
include: "workflow/rules/lesions.smk"
include: "workflow/rules/by_centre.smk"
include: "workflow/rules/published.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/changes.smk"


rule all:
    default_target: True
    input:
        f"results/index{SUFFIX}.html",
        f"results/manifest{SUFFIX}.json",
        f"results/verdict{SUFFIX}.txt",
        [file for name in PLAN_FILES for file in deliverables(name)],
    localrule: True
    message:
        "All pages and files are there"


onstart:
    prepare()


onsuccess:
    print(closing_words())
    leave_at_once()


onerror:
    print(words_of_failure())
    leave_at_once()
