"""Analysis datasets in, rows of the estimates table out."""
