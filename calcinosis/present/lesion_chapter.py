"""The chapter of lesions."""

from collections.abc import Mapping
from typing import Any

from calcinosis.present import ascertainment_tables, lesion_pattern_tables, lesion_tables
from calcinosis.present.blocks import Block, Picture
from calcinosis.present.words import Book, Labels


def blocks(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    """Figures and tables of where lesions are, of their complications, and of how they were found.

    Parameters
    ----------
    book : the estimates
    plan : the sections of the plan
    label : labels
    """
    among, smallest = plan["lesions"]["among"], plan["lesions"]["smallest_combination"]
    with_lesions = f"patients with {label.inside(among)}"
    caption = f"Where lesions are: of all lesions, of {with_lesions}, and of all patients."
    hands = (
        f"Share of {with_lesions} who have a lesion on each finger, in per cent. The hands lie "
        "palms down, seen from above. Sites that are not of the hand stand beside it."
    )
    together = (
        f"Sites that have lesions together: {with_lesions} by the exact combination of sites, "
        "fingers and thumbs as one. Left, how many have a lesion at each site. Combinations of "
        f"fewer than {smallest} patients are counted together, with the next rarest where all of "
        "these would be fewer."
    )
    patterns, among_fingers = lesion_pattern_tables, lesion_pattern_tables.trend(book)
    tables = (patterns.combinations(book, label), patterns.pairs(book, label))
    return [
        Picture("lesions_figure", caption, lesion_tables.where_lesions(book, label)),
        *lesion_tables.per_patient(book, label),
        lesion_tables.where(book, label),
        *lesion_tables.lost_lesions(book, label),
        Picture("lesion_hand_map_figure", hands, among_fingers),
        *patterns.fingers(book, label),
        *patterns.sides(book, label),
        Picture("site_combinations_figure", together, patterns.commonest(book, label)),
        *(table for table in tables if table),
        *lesion_tables.complications(book, label),
        *ascertainment_tables.tables(
            book, plan["lesions"], label, with_centres=not plan["by_centre"]
        ),
    ]
