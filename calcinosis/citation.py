"""How this software is cited, from its `CITATION.cff`."""

from pathlib import Path

from calcinosis import strict_yaml

FILE = "CITATION.cff"
"""It lies beside the Snakefile."""


def of_software(path: Path) -> str:
    """The citation as one line: authors, title, version, licence, and its DOI where it has one.

    Parameters
    ----------
    path : of the file in the Citation File Format
    """
    cited, _ = strict_yaml.load(path)
    authors = "; ".join(
        author.get("name") or f"{author['family-names']}, {author['given-names']}"
        for author in cited["authors"]
    )
    parts = [authors, cited["title"], f"Version {cited['version']}", f"{cited['license']} licence"]
    if "doi" in cited:
        parts.append(f"https://doi.org/{cited['doi']}")
    return f"{'. '.join(parts)}."
