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
NAMES = {
    "flow_figure": "Participant flow",
    "transitions_figure": "Transitions between grades",
    "hand_map_figure": "Hand map",
    "incidence_figure": "Cumulative incidence",
    "forest_figure": "Odds ratios",
    "curves_figure": "Curves of odds ratios",
    "missing_data_figure": "Missing data",
    "leave_one_out_figure": "Without each centre",
    "validation_figure": "Validation",
    "bone_density_figure": "Bone density",
    "disability_figure": "Disability",
    "disability_means_figure": "Disability, means",
    "lesions_figure": "Sites of lesions",
    "lesion_hand_map_figure": "Hand map of lesions",
    "site_combinations_figure": "Sites affected together",
    "by_centre_figure": "Centres",
}
"""What the engine's own report calls each figure; its captions lie in workflow/report/."""
