"""Analysis datasets in, rows of the estimates table out."""

import numpy as np

# scipy takes over all names of numpy, and with them a compiler of Fortran and a test framework: an
# eighth of the time that a model's step needs for its imports.
np.__all__ = [name for name in np.__all__ if name not in ("f2py", "testing")]
