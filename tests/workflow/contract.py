"""The rebuild contract as a table: each change and exactly the rules that it executes.

`rebuild_page` writes it for people.
"""

import changes
from changes import associations, cell, codebook, other, plan, printed, side_file
from rule_sets import (
    ALL_EARLY,
    ASSOCIATION_FIGURES,
    ASSOCIATIONS,
    BONES,
    BY_CENTRE,
    CENTRES,
    CLEANING,
    FIGURES,
    IMPUTED,
    INCIDENCE,
    LESIONS,
    MODELS,
    OUTCOMES,
    PAGES,
    POOLING,
    QUALITY,
    REPORTS,
    SEVERITY,
    WITH_SCIPY,
)

CONTRACT = {
    "nothing": (changes.nothing, set()),
    "a touched export": (changes.touch_export, set()),
    "a touched codebook": (changes.touch_codebook, set()),
    "a comment in every module": (changes.comment, set()),
    "a docstring": (changes.docstring, set()),
    "one covariate of one patient": (changes.change_covariate, CLEANING | {"describe"} | OUTCOMES),
    "the same in an export with an older date": (
        changes.older_export,
        CLEANING | {"describe"} | OUTCOMES,
    ),
    "a note that no analysis uses": (
        changes.change_note,
        CLEANING | {"quality", "estimates"} | PAGES,
    ),
    "the order of the rows": (changes.reorder_rows, CLEANING),
    "a module two imports deep": (
        changes.two_imports_deep,
        INCIDENCE
        | OUTCOMES
        | POOLING
        | CENTRES
        | LESIONS
        | BONES
        | {"disability", "disability_figure"},
    ),
    "a module of several estimators": (
        changes.shared_by_estimates,
        SEVERITY
        | INCIDENCE
        | OUTCOMES
        | MODELS
        | CENTRES
        | {"sctc", "describe", "flow", "flow_figure", "quality"}
        | POOLING
        | ASSOCIATIONS,
    ),
    "a template": (changes.template, REPORTS - {"word", "changes"}),
    "a caption": (changes.change_caption, REPORTS - {"changes"}),
    "plan: about": (plan("title: Progression of", "title: The progression of"), PAGES),
    "plan: eligibility": (
        plan("below: 4\n", "below: 3.95\n"),
        {"datasets"} | REPORTS,
    ),
    "plan: severity": (
        plan("unread_regions: paired", "unread_regions: ignored"),
        {"films", "datasets"} | PAGES,
    ),
    "plan: readers": (
        plan("disagreement: primary", "disagreement: highest"),
        {"films", "datasets", "sctc", "describe", "swimmer_figure"}
        | INCIDENCE
        | SEVERITY
        | OUTCOMES,
    ),
    "plan: readers, what only the methods say": (
        plan("order: not_stated", "order: random"),
        REPORTS,
    ),
    "plan: severity, who is at risk": (
        plan("worst_grade_at_baseline: at_risk", "worst_grade_at_baseline: not_at_risk"),
        {"datasets"} | INCIDENCE | OUTCOMES - {"ordinal"},
    ),
    "plan: agreement": (
        plan("inter_reader: 0.39", "inter_reader: 0.4"),
        {"agreement", "estimates"} | PAGES,
    ),
    "plan: misclassification": (changes.known_errors, {"misclassification", "estimates"} | PAGES),
    "plan: sctc": (
        plan("    carpal: 1\n", "    carpal: 2\n"),
        {"films", "datasets", "sctc", "agreement", "published", "estimates"} | PAGES,
    ),
    "plan: sctc, what only the pages say": (plan("confirmed: false", "confirmed: true"), REPORTS),
    "export: coverage of a region": (
        cell("readings", "area_percent", lambda old: str(int(old) + 5)),
        CLEANING | {"sctc", "agreement", "published", "estimates"} | PAGES,
    ),
    "plan: export": (plan("date: 2020-12-31", "date: 2020-12-30"), CLEANING | REPORTS),
    "plan: cleaning": (plan("partial_dates: query", "partial_dates: impute"), CLEANING | REPORTS),
    "plan: cleaning, a rule that finds nothing": (
        plan("operator: at_most", "operator: below"),
        CLEANING | REPORTS,
    ),
    "plan: cleaning, where a rule comes from": (
        plan("no disease is older than its patient", "diseases begin after birth"),
        REPORTS,
    ),
    "plan: export, a file and how it is written": (
        plan("readings: [readings.csv]", "readings: [{ file: readings.csv, encoding: utf-8 }]"),
        CLEANING | REPORTS,
    ),
    "plan: export, the delimiter": (
        plan("  date: 2020-12-31\n", '  date: 2020-12-31\n  delimiter: ","\n'),
        CLEANING | REPORTS,
    ),
    "the export as a workbook": (changes.as_workbook, CLEANING | REPORTS),
    "other line ends, which are counted": (changes.windows_line_ends, CLEANING | QUALITY),
    "plan: incidence": (
        plan("per: 100", "per: 1000"),
        INCIDENCE,
    ),
    "plan: incidence, another stratum": (
        plan("by: [sex, subset, baseline_grade]", "by: [sex, raynaud, baseline_grade]"),
        {"datasets"} | INCIDENCE,
    ),
    "plan: incidence, another horizon": (plan("horizon: 3", "horizon: 2.5"), INCIDENCE),
    "plan: incidence, what death does": (
        plan("horizon: 3\n", "horizon: 3\n  competing: nobody died\n"),
        PAGES,
    ),
    "plan: incidence headline": (
        plan("headline: full_interval", "headline: midpoint"),
        PAGES,
    ),
    "plan: models, intervals": (
        plan("  outcome: progression\n", "  outcome: progression\n  intervals: profile\n"),
        OUTCOMES - {"ordinal"},
    ),
    "plan: models, the budget": (
        plan("  outcome: progression\n", "  outcome: progression\n  over_budget: refuse\n"),
        OUTCOMES - {"ordinal"},
    ),
    "plan: models, which are confounders": (
        plan("  outcome: progression\n", "  outcome: progression\n  confounders: [elderly]\n"),
        REPORTS,
    ),
    "plan: models, a curve": (
        plan("    raynaud: {", "    age: { spline: 3 }\n    raynaud: {"),
        {"curves_figure"} | OUTCOMES - {"ordinal"},
    ),
    "plan: models": (plan("raynaud: { reference: no }", "raynaud: { reference: yes }"), OUTCOMES),
    "plan: risks": (
        plan("bootstraps: 200", "bootstraps: 300"),
        {"risks_bootstrap", "risks", "estimates"} | PAGES,
    ),
    "plan: ordinal": (
        plan("last_grade\n  covariates:\n    [elderly, ", "last_grade\n  covariates:\n    ["),
        {"datasets", "ordinal", "estimates"} | PAGES,
    ),
    "plan: report": (
        plan("elderly: Age 60 years or more", "elderly: Age of 60 or over"),
        FIGURES | PAGES | {"queries"},
    ),
    "plan: report, how numbers are written": (
        plan("finding: hand calcinosis", "finding: hand calcinosis\n  numbers: lancet"),
        FIGURES | PAGES,
    ),
    "plan: report, a template for Word": (changes.word_template, PAGES - {"changes"}),
    "plan: describe": (
        plan("numbers: mean_sd", "numbers: median_quartiles"),
        REPORTS,
    ),
    "plan: describe, tests": (
        plan("numbers: mean_sd", "numbers: mean_sd\n  tests: true"),
        {"describe", "estimates"} | PAGES,
    ),
    "plan: describe, intervals of shares": (
        plan("numbers: mean_sd", "numbers: mean_sd\n  proportion_intervals: true"),
        REPORTS,
    ),
    "plan: describe, another variable": (
        plan("salt_and_pepper_skin, mrss,", "salt_and_pepper_skin,"),
        {"datasets", "describe", "estimates"} | PAGES,
    ),
    "one T-score of one patient": (
        changes.change_t_score,
        (CLEANING - {"films"}) | BONES | BY_CENTRE,
    ),
    "plan: definitions": (
        associations("[digital_ulcer, gangrene,", "[gangrene,"),
        {"datasets", "describe"} | MODELS | IMPUTED | CENTRES | LESIONS | BY_CENTRE,
    ),
    "plan: definitions, graded components": (
        associations("\neligibility:\n", changes.GRADED),
        {"datasets"} | REPORTS,
    ),
    "plan: totals": (
        associations("\neligibility:\n", changes.TOTALS),
        {"datasets"} | REPORTS,
    ),
    "plan: totals, compared by group": (
        changes.compare_a_total,
        {"datasets", "disability", "disability_figure"} | BY_CENTRE,
    ),
    "plan: bone_density, T-scores from densities": (
        changes.densities,
        {"datasets"} | BONES | BY_CENTRE,
    ),
    "plan: bone_density, who is classed": (
        associations("age: age }", "age: disease_duration }"),
        {"datasets"} | BONES,
    ),
    "plan: disability, a visual scale": (
        changes.visual_scale,
        {"datasets", "disability", "disability_figure"} | BY_CENTRE,
    ),
    "plan: a criterion that takes patients out": (
        changes.exclude_a_patient,
        {"datasets", "flow", "flow_figure", "describe"} | MODELS | IMPUTED | CENTRES | ASSOCIATIONS,
    ),
    "plan: centres, without generalised estimating equations": (
        associations("  gee: true", "  gee: false"),
        MODELS | {"published"},
    ),
    "plan: centres, without a random intercept": (
        associations("  random_intercept: true", "  random_intercept: false"),
        CENTRES | {"estimates"} | PAGES,
    ),
    "plan: centres": (
        associations("fixed_effect: true", "fixed_effect: false"),
        {"datasets"} | MODELS | IMPUTED | CENTRES | LESIONS,
    ),
    "plan: missing_data, more imputations": (
        associations("imputations: 10", "imputations: 15"),
        IMPUTED | {"estimates"} | PAGES,
    ),
    "plan: missing_data, another seed": (
        associations("imputations: 10\n", "imputations: 10\n  seed: 2\n"),
        IMPUTED | {"estimates"} | PAGES,
    ),
    "plan: missing_data, what helps to impute": (
        associations("auxiliary: [age, sex, subset,", "auxiliary: [age, sex,"),
        {"datasets"} | IMPUTED | {"estimates"} | PAGES,
    ),
    "plan: missing_data, how Firth's estimates are pooled": (
        associations("imputations: 10\n", "imputations: 10\n  pooling: clip\n"),
        POOLING | {"estimates"} | PAGES,
    ),
    "plan: missing_data, where the choices come from": (
        associations("imputations: 10\n", "imputations: 10\n  source: a guess\n"),
        REPORTS,
    ),
    "plan: validation": (
        associations("\nbone_density:\n", "\nvalidation: { bootstraps: 100 }\n\nbone_density:\n"),
        {"validation_bootstrap", "validation", "validation_figure", "estimates"} | PAGES,
    ),
    "plan: multiplicity": (
        associations(
            "\nbone_density:\n", "\nmultiplicity: { families: [univariable] }\n\nbone_density:\n"
        ),
        {"multiplicity", "estimates"} | PAGES,
    ),
    "plan: bone_density": (
        associations("use: lowest", "use: t_score_total_hip"),
        {"datasets"} | BONES | BY_CENTRE,
    ),
    "plan: bone_density, adjusted for less": (
        associations("adjust: [age, sex, disease_duration]", "adjust: [age, sex]"),
        BONES,
    ),
    "plan: bone_density, other resamples": (
        associations("bootstraps: 500", "bootstraps: 500\n  seed: 2"),
        BONES,
    ),
    "plan: bone_density, weights cut elsewhere": (
        associations("  weighting:\n", "  weighting:\n    truncation: 0.05\n"),
        BONES,
    ),
    "plan: bone_density, what is known of the scanners": (
        associations("the export does not name the scanners", "all by one maker"),
        REPORTS,
    ),
    "plan: disability": (
        associations("aids: true", "aids: false"),
        {"datasets", "disability", "disability_figure"} | BY_CENTRE,
    ),
    "plan: disability, what is adjusted for": (
        associations("adjust: [age, sex, subset,", "adjust: [age, sex,"),
        {"datasets", "disability", "disability_figure", "estimates"} | PAGES,
    ),
    "plan: disability, a minimal important difference": (
        associations("value: 0.14", "value: 0.2"),
        {"disability", "disability_figure", "estimates"} | PAGES,
    ),
    "plan: disability, where a minimal important difference comes from": (
        associations("the greater one is taken", "the greater is taken"),
        REPORTS,
    ),
    "plan: lesions": (
        associations("[tenderness, extrusion, infection]", "[tenderness, extrusion]"),
        {"datasets", "lesions", "lesions_figure", "published", "estimates"} | PAGES,
    ),
    "plan: lesions, another seed": (
        associations("  among: calcinosis\n", "  among: calcinosis\n  seed: 2\n"),
        {"lesions", "lesions_figure", "published", "estimates"} | PAGES,
    ),
    "plan: lesions, how they were found": (
        associations("    history: calcinosis_history\n", ""),
        {"datasets", "lesions", "lesions_figure", "published", "estimates"} | PAGES,
    ),
    "plan: lesions, sides": (
        associations("  sides: [right, left]\n", ""),
        {"datasets", "lesions", "lesions_figure", "published", "estimates"} | PAGES,
    ),
    "plan: by_centre": (
        associations("    cochin, location_class]", "    cochin]"),
        {"datasets"} | BY_CENTRE,
    ),
    "plan: published": (plan("published: published.yaml\n", ""), {"estimates"} | PAGES),
    "published.yaml: a number": (
        printed('percent: "22.6"', 'percent: "34.3"'),
        {"published", "estimates"} | PAGES,
    ),
    "published.yaml: where it is printed": (
        printed("where: abstract\n    count", "where: abstract, methods\n    count"),
        REPORTS,
    ),
    "published.yaml: a remark": (printed("# printed as a rate, see `cases`", "# 155"), set()),
    "plan: a section removed": (
        changes.remove_section,
        {"datasets", "published"} | BY_CENTRE,
    ),
    "the order of the cohorts": (changes.reorder_cohorts, set()),
    "a cohort removed": (changes.remove_cohort, {"index"}),
    "codebook: label": (
        codebook(",Telangiectasia,", ",Telangiectases,"),
        FIGURES | PAGES | {"queries"},
    ),
    "codebook: unit": (
        codebook(",integer,,years,18,100", ",integer,,y,18,100"),
        FIGURES | PAGES | {"queries"},
    ),
    "the template of the page of changes": (changes.template_of_changes, {"changes"}),
    "codebook: min": (codebook(",integer,,years,18,100", ",integer,,years,17,100"), CLEANING),
    "codebook: max": (codebook(",integer,,years,18,100", ",integer,,years,18,101"), CLEANING),
    "codebook: codes": (codebook("M=male|F=female", "Mr=male|M=male|F=female"), CLEANING),
    "codebook: missing_codes": (
        codebook(
            "mRSS,Modified Rodnan skin score,integer,,,0,51,,,-9",
            "mRSS,Modified Rodnan skin score,integer,,,0,51,,,-9|-8",
        ),
        CLEANING,
    ),
    "codebook: source": (codebook(",mRSS,", ",mRSS|rodnan,"), CLEANING),
    "codebook: required": (
        codebook(
            ",mRSS,Modified Rodnan skin score,integer,,,0,51,,,-9,,",
            ",mRSS,Modified Rodnan skin score,integer,,,0,51,,,-9,yes,",
        ),
        CLEANING,
    ),
    "codebook: levels, one more that nobody has": (codebook("kk|ud,", "kk|ud|bk,"), CLEANING),
    "codebook: format": (
        codebook("dd/mm/yyyy era=either", "dd/mm/yyyy"),
        CLEANING | ALL_EARLY,
    ),
    "codebook: type": (
        codebook("Modified Rodnan skin score,integer", "Modified Rodnan skin score,number"),
        CLEANING | QUALITY,
    ),
    "codebook: identifier": (
        codebook(",notes,Notes,text,,,,,,,,", ",notes,Notes,text,,,,,,,,yes"),
        CLEANING,
    ),
    "codebook: file": (
        codebook("notes,patients,,notes", "notes,patients,patients.csv,notes"),
        CLEANING,
    ),
    "codebook: variable": (
        codebook("notes,patients,,notes", "remarks,patients,,notes"),
        CLEANING | QUALITY | FIGURES,
    ),
    "codebook: table": (
        codebook("notes,patients,,notes", "notes,readings,,notes"),
        CLEANING | QUALITY,
    ),
    "export: an id": (cell("patients", "study_id", lambda _old: "E900"), CLEANING | ALL_EARLY),
    "export: a text": (cell("patients", "hn", lambda _old: "1/99"), CLEANING),
    "export: an integer": (
        cell("patients", "age_first_film", lambda old: str(int(old) + 1)),
        CLEANING | {"describe"} | INCIDENCE | OUTCOMES,
    ),
    "export: a number": (
        cell("patients", "duration_y", lambda _old: "3.1"),
        CLEANING | {"describe", "estimates"} | PAGES,
    ),
    "export: a binary": (
        cell("patients", "salt_pepper", other("yes|no", "no|yes", "Y|N", "N|Y")),
        CLEANING | {"describe"} | OUTCOMES,
    ),
    "export: a category": (
        cell("patients", "ssc_subset", other("limited|diffuse", "diffuse|limited")),
        CLEANING | {"describe"} | INCIDENCE,
    ),
    "export: an ordinal": (
        cell("readings", "severity", lambda _old: "severe"),
        CLEANING | SEVERITY | {"describe", "swimmer_figure"} | INCIDENCE | OUTCOMES,
    ),
    "export: a date": (
        cell("readings", "film_date", lambda _old: "21/11/2013"),
        CLEANING | {"agreement", "swimmer_figure", "estimates"} | PAGES,
    ),
    "corrections.csv: a value": (
        side_file(
            "corrections.csv", changes.CORRECTION, "patients,E008,mrss,55,35,A,2021-01-05,chart"
        ),
        CLEANING | QUALITY | {"describe"},
    ),
    "corrections.csv: rows without an answer": (
        side_file("corrections.csv", changes.CORRECTION, "patients,E008,mrss,55,,,,"),
        CLEANING - {"changes"},
    ),
    "exclude.csv: a patient": (
        side_file("exclude.csv", "patient_id,reason", "E001,consent withdrawn"),
        {"datasets"} | ALL_EARLY - {"quality"},
    ),
    "exclude.csv: nobody": (
        side_file("exclude.csv", "patient_id,reason"),
        {"datasets"},
    ),
    "the order of the columns": (changes.reorder_columns, CLEANING),
    "a column that the codebook does not name": (changes.add_column, CLEANING | QUALITY),
    "a script": (changes.change_script, INCIDENCE),
    "the outline of the hands": (
        changes.redraw_hands,
        {"hand_map_figure", "lesions_figure"} | REPORTS - {"changes"},
    ),
    "the font of the figures": (
        changes.change_font,
        FIGURES | ASSOCIATION_FIGURES | {"leave_one_out_figure"} | REPORTS - {"changes"},
    ),
    # The memory of questions uses the module that this change edits.
    "a library's version": (changes.change_library, WITH_SCIPY | {"queries"}),
    "the profile": (changes.change_profile, set()),
    "the number of cores": (changes.other_cores, set()),
    "a cohort renamed": (changes.rename_cohort, CLEANING | ALL_EARLY),
    "a cohort added": (changes.add_cohort, CLEANING | ALL_EARLY),
}
CONTRACT = {
    # Whatever is made again, the manifest says so, and the verdict follows it.
    change: (make, rules | {"manifest", "verdict"} if rules else rules)
    for change, (make, rules) in CONTRACT.items()
}
