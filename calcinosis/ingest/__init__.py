"""Exports and codebook in, typed tables and a query log out."""
