"""Generated cases are the same in every run."""

from hypothesis import settings

settings.register_profile("same_cases", derandomize=True, database=None, deadline=None)
settings.load_profile("same_cases")
