"""Write the export of `low_birth_weight`: the file of Stata's manual from the package statsmodels.

189 mothers and their children (Hosmer and Lemeshow 1989). `MASS::birthwt` of R differs in six
values.
"""

from pathlib import Path

import statsmodels

SOURCE = Path(statsmodels.__file__).parent / "genmod/tests/results/stata_lbw_glm.csv"


def main() -> None:
    """Write `patients.csv` beside this script."""
    target = Path(__file__).parent / "patients.csv"
    target.write_text(SOURCE.read_text("utf-8"), "utf-8")


if __name__ == "__main__":
    main()
