"""Simulated cohorts, made from published margins; no real patient is in them."""
