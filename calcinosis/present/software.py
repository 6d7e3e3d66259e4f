"""The software that made the numbers, by name and version."""

import importlib.metadata
import sys

LIBRARIES = ("calcinosis", "snakemake", "pandas", "statsmodels", "scipy", "firthmodels")


def versions() -> list[tuple[str, str]]:
    """Names and versions, as they are installed."""
    return [(name, importlib.metadata.version(name)) for name in LIBRARIES]


def sentence() -> str:
    """One sentence for the methods of a paper."""
    *first, last = (f"{name} {version}" for name, version in versions())
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"Software: {', '.join(first)} and {last}, with Python {python}."
