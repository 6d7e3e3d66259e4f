"""From a clinical cohort export to a checkable analysis of calcinosis in systemic sclerosis.

Four rooms, one way: `ingest` (export to clean tables), `derive` (tables to one dataset per
analysis), `estimate` (datasets to rows of one table), `present` (rows to pages and figures).
"""

__version__ = "0.1.0"
