"""Estimates in, figures and pages out; no statistic is computed here."""
