"""Rules that go together: what follows a change of which kind."""

REPORTS = {"report", "word", "changes", "verdict"}
"""What follows any change of what a cohort's report shows."""
PAGES = REPORTS | {"index"}
"""What follows another estimate, or another word of the index."""

FIGURES = {
    *("flow_figure", "transitions_figure", "hand_map_figure", "swimmer_figure"),
    *("incidence_figure", "forest_figure"),
}
CLEANING = {"clean", "queries", "films", "datasets", "changes"}
MODELS = {"models", "forest_figure", "estimates"} | PAGES
OUTCOMES = MODELS | {"risks_bootstrap", "risks", "ordinal"}
"""What shows the outcome of the models, in `early_ssc`."""
CENTRES = {"centres", "leave_one_out_figure"}
INCIDENCE = {"incidence", "incidence_figure", "published", "estimates"} | PAGES
LESIONS = {"lesions", "lesions_figure"}
"""They take the adjusted model too, by how lesions were found."""
ASSOCIATIONS = {
    *("bone_density", "bone_density_figure", "disability", "disability_figure"),
    *LESIONS,
    *("by_centre", "by_centre_figure"),
}
BY_CENTRE = {"by_centre", "by_centre_figure", "estimates"} | PAGES
BONES = {"bone_density", "bone_density_figure", "published", "estimates"} | PAGES
POOLING = {"missing_data", "missing_data_figure", "published"}
IMPUTED = {"impute"} | POOLING
"""Of the cohort whose plan imputes: multicentre."""
ALL_EARLY = {
    *("severity", "sctc", "agreement", "incidence", "models", "describe", "flow", "quality"),
    *("risks_bootstrap", "risks", "ordinal"),
    *("published", "estimates"),
    *FIGURES,
    *PAGES,
}
WITH_SCIPY = {"agreement", "describe"} | INCIDENCE | OUTCOMES | IMPUTED | CENTRES | ASSOCIATIONS
QUALITY = {"quality", "estimates"} | PAGES
ASSOCIATION_FIGURES = {name for name in ASSOCIATIONS | IMPUTED if name.endswith("_figure")}
SEVERITY = {
    *("severity", "agreement", "transitions_figure", "hand_map_figure", "published", "estimates"),
    *PAGES,
}
"""Agreement takes the grades of the first films for its what-if."""
