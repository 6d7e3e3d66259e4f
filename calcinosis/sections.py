"""The sections of the plan that have estimates of their own name, and their figures."""

FIGURES: dict[str, tuple[str, ...]] = {
    "describe": (),
    "severity": ("transitions_figure",),
    "sctc": (),
    "agreement": (),
    "misclassification": (),
    "incidence": ("incidence_figure",),
    "models": ("forest_figure",),
    "risks": (),
    "ordinal": (),
    "missing_data": ("missing_data_figure",),
    "centres": ("leave_one_out_figure",),
    "validation": ("validation_figure",),
    "multiplicity": (),
    "bone_density": ("bone_density_figure",),
    "disability": ("disability_figure", "disability_means_figure"),
    "lesions": ("lesions_figure", "lesion_hand_map_figure", "site_combinations_figure"),
    "by_centre": ("by_centre_figure",),
    "published": (),
}
"""Section to its figures, drawn by the rule that has the name of the first."""
EXTRA = {"hand_map_figure": "severity", "curves_figure": "models"}
"""Figures that not every cohort with their section has, each of a rule of its own."""
