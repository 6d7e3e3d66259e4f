"""Cases 19 to 33: the header, and what identifies a row."""

from collections.abc import Callable

from case import Asked, Case, Logged
from clean_export import (
    PATIENTS,
    READINGS,
    Change,
    Export,
    again,
    both,
    cell,
    codebook,
    column,
    drop,
    more,
    patient_called,
    plan,
    rename,
    without,
)
from harness import Run
from redcap_export import one_file_of_redcap, other_choices, without_a_box, without_films

WITHOUT_S006 = both(without(7), without(22, 23, 24, 25, file=READINGS))
"""The patient of row 7 and the readings of that patient."""


def one_file_per_centre(number_alike: bool) -> Change:
    """Each centre delivers its own files; and perhaps numbers its patients from 1, as others do."""

    def change(export: Export) -> None:
        for file in (PATIENTS, READINGS):
            header, *rows = export.rows(file)
            at = header.index("centre")
            for centre in "ab":
                own = [list(row) for row in rows if row[at] == centre]
                for row in own:
                    if number_alike and centre == "b":
                        row[0] = f"S{int(row[0][1:]) - 32:03d}"
                export.write([header, *own], f"{centre}_{file}")
            del export.files[file]
            plan(f"[{file}]", f"[a_{file}, b_{file}]")(export)

    return change


def ids_are(*ids: str) -> Callable[[Run], None]:
    """The table of patients keeps these ids letter by letter."""

    def check(run: Run) -> None:
        assert set(ids) <= set(run.table("patients")["patient_id"])

    return check


def nowhere(*texts: str) -> Callable[[Run], None]:
    """No file of the results has these texts, not even a private one."""

    def check(run: Run) -> None:
        for path in run.home.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not [text for text in texts if text.encode() in content], path

    return check


CASES = [
    Case(
        19,
        "a required column is not there",
        drop("item_2"),
        stop=r"patients\.csv: the column 'item_2' \(item_2\) is missing \(there is 'item_1'\)",
    ),
    Case(
        20,
        "a renamed column",
        rename("duration", "durations"),
        stop=r"the column 'duration' \(duration\) is missing \(there is 'durations'\)\. Rename it",
    ),
    Case(20, "an alias that the codebook has", rename("id", "study no")),
    *(
        Case(
            21,
            f"{what} in a column's name",
            rename("mrss", name),
            logged=(Logged("header_spelling"),),
        )
        for what, name in (
            ("another case", "mRSS"),
            ("spaces", " mrss "),
            ("a no-break space", "mrss\u00a0"),
        )
    ),
    Case(
        22,
        "two columns of one name",
        rename("item_2", "item_1"),
        stop=r"patients\.csv: columns 14 and 15 have one name \('item_1'\); rename one",
    ),
    Case(
        22,
        "two columns of one name, told apart by case",
        rename("item_2", "ITEM_1"),
        stop=r"patients\.csv: columns 14 and 15 have one name \('ITEM_1'\); rename one",
    ),
    Case(
        23,
        "labels where the codebook has codes",
        column("subset", {"limited": "lcSSc", "diffuse": "dcSSc"}.__getitem__),
        logged=(Logged("spelling", "subset", 60),),
    ),
    Case(
        23,
        "codes where the codebook has labels",
        column("raynaud", {"no": "0", "yes": "1"}.__getitem__),
        logged=(Logged("spelling", "raynaud", 60),),
    ),
    Case(
        23,
        "a label that means two codes",
        codebook("subset", codes="SSc=limited|ssc=diffuse"),
        stop=r"codebook\.csv:14: code 'ssc' of 'subset' means two levels",
    ),
    Case(
        24,
        "a column that the codebook does not know",
        more("remark", "seen by K."),
        logged=(Logged("column_not_in_codebook", "remark", 60),),
        also=nowhere("seen by K."),
    ),
    *(
        Case(
            24,
            f"a column that looks identifying: {what}",
            more(name, value),
            logged=(Logged("identifying_column_dropped", name, 60),),
            also=nowhere(value),
        )
        for what, name, value in (
            ("a name", "first_name", "Malee"),
            ("a name in Thai", "ชื่อ", "มาลี"),
            ("numbers of citizens", "remark", "1101700203450"),
            ("e-mail addresses", "remark", "malee@example.org"),
            ("telephone numbers", "remark", "081-234-5678"),
        )
    ),
    Case(
        25,
        "an export of REDCap with its dictionary",
        one_file_of_redcap,
        logged=tuple(
            Logged("spelling", name, 60)
            for name in ("subset", "organ___1", "organ___2", "organ___3")
        ),
        start=without_films,
    ),
    Case(
        25,
        "a checkbox without one of its columns",
        both(one_file_of_redcap, without_a_box),
        stop=r"patients\.csv: the checkbox 'organ' has 2 of its 3 columns; no column .*'3, Heart'",
        start=without_films,
    ),
    Case(
        26,
        "dictionaries of two sites with other choices",
        both(one_file_of_redcap, other_choices),
        stop=r"'subset' has the choices '1, limited \| 2, diffuse' in dictionary_a\.csv and "
        r"'1, diffuse \| 2, limited' in dictionary_b\.csv; make them equal",
        start=without_films,
    ),
    Case(
        27,
        "a patient twice with the same values",
        again(7),
        asked=(Asked(62, "exact_duplicate"),),
    ),
    Case(
        27,
        "a reading twice with the same values",
        again(22, READINGS),
        asked=(Asked(242, "exact_duplicate", file=READINGS),),
    ),
    Case(
        28,
        "a patient twice with different values",
        again(7, mrss="1"),
        asked=(
            Asked(7, "conflicting_duplicate"),
            Asked(62, "conflicting_duplicate"),
            Asked(22, "no_such_patient", "id", "S006", READINGS),
        ),
        same_as=WITHOUT_S006,
    ),
    Case(
        28,
        "a reading twice with different values",
        again(22, READINGS, grade="severe"),
        asked=(
            Asked(22, "conflicting_duplicate", file=READINGS),
            Asked(242, "conflicting_duplicate", file=READINGS),
        ),
        same_as=without(22, file=READINGS),
    ),
    Case(
        29,
        "ids `007` and `7`",
        both(patient_called(7, "007"), patient_called(8, "7")),
        asked=(
            Asked(7, "near_duplicate_id", "id", "007"),
            Asked(8, "near_duplicate_id", "id", "7"),
        ),
        also=ids_are("007", "7"),
    ),
    Case(
        29,
        "id `007 ` of a reading",
        cell(22, "id", "007 ", READINGS),
        logged=(Logged("white_space", "id", file=READINGS),),
        start=patient_called(7, "007"),
    ),
    Case(
        29,
        "ids `007` and `007 ` with different values",
        both(patient_called(7, "007"), again(7, id="007 ", mrss="1")),
        asked=(
            Asked(7, "conflicting_duplicate"),
            Asked(62, "conflicting_duplicate"),
            Asked(22, "no_such_patient", "id", "007", READINGS),
        ),
        logged=(Logged("white_space", "id"),),
        same_as=WITHOUT_S006,
    ),
    *(
        Case(30, f"id `{name}`", patient_called(7, name), also=ids_are(name))
        for name in ("1E5", "=1+1", "NA", "0x1F")
    ),
    Case(
        31,
        "a patient without id",
        cell(7, "id", ""),
        asked=(Asked(7, "blank_id"), Asked(22, "no_such_patient", "id", "S006", READINGS)),
        same_as=WITHOUT_S006,
    ),
    Case(
        31,
        "a reading whose id is a space",
        cell(22, "id", " ", READINGS),
        asked=(Asked(22, "blank_id", file=READINGS),),
        same_as=without(22, file=READINGS),
    ),
    Case(
        32,
        "the same id in two centres",
        one_file_per_centre(number_alike=True),
        logged=tuple(
            Logged("site_qualified_id", "", count, f"{centre}_{file}")
            for centre, people in (("a", 32), ("b", 28))
            for file, count in ((PATIENTS, people), (READINGS, 4 * people))
        ),
    ),
    Case(
        33,
        "readings of a patient who is not in the table of patients",
        both(*(again(row, READINGS, id="S999") for row in (22, 23))),
        asked=(Asked(242, "no_such_patient", "id", "S999", READINGS),),
    ),
]
