"""Clean tables in, one analysis dataset per analysis out."""
