"""The patients of the clean export as a project of REDCap has them: coded, with a dictionary."""

import csv
import io
import re

from clean_export import PATIENTS, READINGS, Export, both, drop, more, plan

HEAD = (
    *("Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label"),
    *("Choices, Calculations, OR Slider Labels", "Field Note"),
    *("Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max"),
    *("Identifier?", "Branching Logic (Show field only if...)", "Required Field?"),
    *("Custom Alignment", "Question Number (surveys only)", "Matrix Group Name"),
    *("Matrix Ranking?", "Field Annotation"),
)
SUBSET = "1, limited | 2, diffuse"
ORGANS = "1, Lung | 2, Kidney | 3, Heart"


def without_films(export: Export) -> None:
    """The clean export as a cross-sectional study, which needs one table only."""
    del export.files[READINGS]
    export.plan = re.sub(r"severity:.*?(?=models:)", "", export.plan, flags=re.DOTALL)
    for change in (
        plan("    readings: [readings.csv]\n", ""),
        plan("by: progression", "by: sex"),
        plan("variables: [age, sex,", "variables: [age,"),
        plan("outcome: progression", "outcome: ulcer"),
    ):
        change(export)
    lines = export.codebook.splitlines(keepends=True)
    export.codebook = "".join(line for line in lines if ",readings," not in line)


def one_file_of_redcap(export: Export) -> None:
    """Subset as codes of a radio button, organs as a checkbox that nobody's analysis uses."""
    header, *rows = export.rows()
    at = header.index("subset")
    for row in rows:
        row[at] = {"limited": "1", "diffuse": "2"}[row[at]]
    export.write([header, *rows])
    both(more("organ___1", "1"), more("organ___2", "0"), more("organ___3", "0"))(export)
    more("baseline_complete", "2")(export)
    export.codebook += "".join(
        f"organ_{i},patients,organ___{i},,binary,,,,,no|yes,1=yes|0=no,,,\n" for i in (1, 2, 3)
    )
    export.codebook = export.codebook.replace("lcSSc=limited|dcSSc=diffuse", "1=limited|2=diffuse")
    export.files["dictionary_a.csv"] = dictionary(header, SUBSET)
    redcap = "  redcap:\n    dictionary: [dictionary_a.csv]\n"
    plan("eligibility:", f"{redcap}eligibility:")(export)


def dictionary(columns: list[str], subset: str) -> bytes:
    """A data dictionary as the web page of REDCap hands it out, with its byte order mark."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEAD, restval="", lineterminator="\n")
    writer.writeheader()
    for name in (*columns, "organ"):
        choices = {"subset": subset, "organ": ORGANS}.get(name, "")
        kind = {"subset": "radio", "organ": "checkbox"}.get(name, "text")
        field = dict(zip(HEAD[:6], (name, "baseline", "", kind, name, choices), strict=True))
        writer.writerow(field | {"Identifier?": "y" if name == "hn" else ""})
    return b"\xef\xbb\xbf" + text.getvalue().encode()


without_a_box = drop("organ___3", PATIENTS)


def other_choices(export: Export) -> None:
    """A second site, whose dictionary gives the codes of subset the other way round."""
    columns = export.rows()[0]
    fields = [name for name in columns if "___" not in name and not name.endswith("_complete")]
    export.files["dictionary_b.csv"] = dictionary(fields, "1, diffuse | 2, limited")
    plan("[dictionary_a.csv]", "[dictionary_a.csv, dictionary_b.csv]")(export)
