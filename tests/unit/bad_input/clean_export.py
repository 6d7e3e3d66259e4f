"""A small clean cohort, drawn once with a fixed seed, and the changes that a test makes to it.

Sixty patients of two centres with two films each. Every cell is written as the codebook has it, so
that its run has no query and no normalisation: whatever a changed export logs is the change's.
"""

import csv
import datetime
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PATIENTS, READINGS = "patients.csv", "readings.csv"
GRADES = ("none", "mild", "moderate", "severe")

PLAN = """\
about:
  title: A small cohort
  citation: nobody
  simulated: true
  form: cohort
export:
  tables:
    patients: [patients.csv]
    readings: [readings.csv]
  date: 2020-12-31
eligibility:
  criteria:
    - { name: adult, variable: age, at_least: 18, missing: exclude }
describe:
  by: progression
  variables: [age, sex, subset, duration, height, mrss, raynaud, ulcer, item_1, item_2, total]
severity:
  comparison: first_last
  one_film: exclude
  unread_regions: paired
  worsening: patient_maximum
  improvement: not_progression
readers:
  disagreement: highest
  blinded: not_stated
  order: not_stated
incidence:
  headline: full_interval
models:
  outcome: progression
  covariates:
    age: { per: 10 }
    sex: { reference: male }
    raynaud: { reference: no }
    mrss: { per: 5 }
  multivariable: [age, sex, mrss]
"""

CODEBOOK = """\
variable,table,source,label,type,format,unit,min,max,levels,codes,missing_codes,required,identifier
patient_id,patients,id|study no,Study number,id,,,,,,,,yes,
hospital_number,patients,hn,Hospital number,text,,,,,,,,,yes
centre,patients,centre,Centre,category,,,,,a|b|c,,,yes,
sex,patients,sex,Sex,category,,,,,male|female,M=male|F=female,,yes,
age,patients,age,Age,integer,,years,0,110,,,-9,yes,
onset_date,patients,onset_date,Onset,date,yyyy-mm-dd,,1990,,,,,yes,
visit_date,patients,visit_date,First visit,date,yyyy-mm-dd,,2000,,,,,yes,
duration,patients,duration,Disease duration,number,,years,0,60,,,-9,yes,
height,patients,height,Height,number,,cm,100,220,,,,yes,
mrss,patients,mrss,Modified Rodnan skin score,integer,,,0,51,,,-9,yes,
raynaud,patients,raynaud,Raynaud's phenomenon,binary,,,,,no|yes,1=yes|0=no,9,yes,
ulcer,patients,ulcer,Digital ulcer,binary,,,,,no|yes,1=yes|0=no,9,yes,
subset,patients,subset,Subset,category,,,,,limited|diffuse,lcSSc=limited|dcSSc=diffuse,,yes,
item_1,patients,item_1,Item 1,integer,,,0,3,,,,yes,
item_2,patients,item_2,Item 2,integer,,,0,3,,,,yes,
total,patients,total,Total of the items,integer,,,0,6,,,,yes,
notes,patients,notes,Notes,text,,,,,,,,,
patient_id,readings,id|study no,Study number,id,,,,,,,,yes,
centre,readings,centre,Centre,category,,,,,a|b|c,,,yes,
film_date,readings,film_date,Date of film,date,dd/mm/yyyy era=either,,2000,,,,,yes,
side,readings,side,Side,category,,,,,right|left,,,yes,
grade,readings,grade,Grade,ordinal,,,,,none|mild|moderate|severe,,NR,yes,
"""


@dataclass
class Export:
    """A folder `cohorts/<name>`: the plan, the codebook and the files of the export."""

    plan: str
    codebook: str
    files: dict[str, bytes]

    def rows(self, file: str = PATIENTS) -> list[list[str]]:
        """The cells of a file that is still a plain one, the header first."""
        return list(csv.reader(io.StringIO(self.files[file].decode(), newline="")))

    def write(self, rows: list[list[str]], file: str = PATIENTS) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        self.files[file] = text.getvalue().encode()

    def save(self, folder: Path) -> Path:
        """Write everything; returns the path of the plan."""
        folder.mkdir(parents=True)
        (folder / "cohort.yaml").write_text(self.plan, "utf-8")
        (folder / "codebook.csv").write_text(self.codebook, "utf-8")
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder / "cohort.yaml"


Change = Callable[[Export], None]


def clean() -> Export:
    """The export before anything is changed."""
    export = Export(PLAN, CODEBOOK, {})
    people, readings = _draw(random.Random(20201231))
    export.write(people, PATIENTS)
    export.write(readings, READINGS)
    return export


def _draw(chance: random.Random) -> tuple[list[list[str]], list[list[str]]]:
    columns = [line.split(",")[:2] for line in CODEBOOK.splitlines()[1:]]
    people = [[line.split(",")[2].split("|")[0] for line in CODEBOOK.splitlines()[1:18]]]
    readings = [["id", "centre", "film_date", "side", "grade"]]
    assert len(people[0]) == sum(table == "patients" for _, table in columns)
    for number in range(1, 61):
        visit = datetime.date(2012, 1, 10) + datetime.timedelta(days=chance.randrange(1500))
        duration = round(chance.uniform(0.5, 9), 1)
        onset = visit - datetime.timedelta(days=round(duration * 365.25))
        age, mrss = chance.randrange(25, 80), chance.randrange(0, 40)
        items = [chance.randrange(4), chance.randrange(4)]
        patient, centre = f"S{number:03d}", "a" if number <= 32 else "b"
        people.append(
            [
                *(patient, f"HN-{chance.randrange(10_000, 99_999)}", centre),
                *(chance.choice(["male", "female", "female"]), str(age)),
                *(f"{onset}", f"{visit}", f"{duration}", f"{chance.randrange(148, 185)}"),
                *(str(mrss), chance.choice(["no", "yes", "yes"]), chance.choice(["no", "yes"])),
                *(chance.choice(["limited", "diffuse"]), *map(str, items), str(sum(items)), ""),
            ]
        )
        worse = chance.random() < 0.2 + 0.3 * (age > 50) + 0.2 * (mrss > 20)
        later = visit + datetime.timedelta(days=chance.randrange(500, 1500))
        for side in ("right", "left"):
            grade = chance.randrange(3)
            for date, now in ((visit, grade), (later, min(grade + worse, 3))):
                readings.append([patient, centre, f"{date:%d/%m/%Y}", side, GRADES[now]])
    return people, readings


def nothing(_export: Export) -> None:
    """The clean export."""


def both(*changes: Change) -> Change:
    """One mutation that needs several hands: the cell and, say, what the codebook declares."""

    def change(export: Export) -> None:
        for each in changes:
            each(export)

    return change


def cell(row: int, column: str, value: str, file: str = PATIENTS) -> Change:
    """Another text in one cell; rows count as a text editor does, the header is row 1."""

    def change(export: Export) -> None:
        rows = export.rows(file)
        rows[row - 1][rows[0].index(column)] = value
        export.write(rows, file)

    return change


def column(name: str, change_cell: Callable[[str], str], file: str = PATIENTS) -> Change:
    """Another spelling of a whole column."""

    def change(export: Export) -> None:
        rows = export.rows(file)
        position = rows[0].index(name)
        for row in rows[1:]:
            row[position] = change_cell(row[position])
        export.write(rows, file)

    return change


def without(*numbers: int, file: str = PATIENTS) -> Change:
    """Some rows left out."""

    def change(export: Export) -> None:
        rows = export.rows(file)
        export.write([row for i, row in enumerate(rows, 1) if i not in numbers], file)

    return change


def again(row: int, file: str = PATIENTS, **cells: str) -> Change:
    """A row once more at the end of its file, with other values in some cells."""

    def change(export: Export) -> None:
        rows = export.rows(file)
        copy = [cells.get(name, value) for name, value in zip(rows[0], rows[row - 1], strict=True)]
        export.write([*rows, copy], file)

    return change


def more(name: str, value: str, file: str = PATIENTS) -> Change:
    """One more column with the same text in each row."""

    def change(export: Export) -> None:
        header, *rows = export.rows(file)
        export.write([[*header, name], *([*row, value] for row in rows)], file)

    return change


def drop(name: str, file: str = PATIENTS) -> Change:
    """One column less."""

    def change(export: Export) -> None:
        rows = export.rows(file)
        position = rows[0].index(name)
        export.write([row[:position] + row[position + 1 :] for row in rows], file)

    return change


def rename(column_name: str, name: str, file: str = PATIENTS) -> Change:
    """Another name of a column in the header."""
    return cell(1, column_name, name, file)


def patient_called(row: int, name: str) -> Change:
    """Another id of one patient, in both files."""

    def change(export: Export) -> None:
        old = export.rows()[row - 1][0]
        for file in (PATIENTS, READINGS):
            column("id", lambda cell: name if cell == old else cell, file)(export)

    return change


def file_bytes(change_bytes: Callable[[bytes], bytes], file: str = PATIENTS) -> Change:
    """Other bytes of a file."""

    def change(export: Export) -> None:
        export.files[file] = change_bytes(export.files[file])

    return change


def line(row: int, change_text: Callable[[str], str], file: str = PATIENTS) -> Change:
    """Another text of one line."""

    def change(export: Export) -> None:
        lines = export.files[file].decode().split("\n")
        lines[row - 1] = change_text(lines[row - 1])
        export.files[file] = "\n".join(lines).encode()

    return change


def plan(old: str, new: str) -> Change:
    """Another text in the plan."""

    def change(export: Export) -> None:
        assert export.plan.count(old) == 1, f"{old!r} stands {export.plan.count(old)} times"
        export.plan = export.plan.replace(old, new)

    return change


def codebook(name: str, table: str = "patients", /, **facts: str) -> Change:
    """Other facts of a variable in the codebook."""

    def change(export: Export) -> None:
        rows = list(csv.DictReader(io.StringIO(export.codebook)))
        (found,) = [r for r in rows if (r["variable"], r["table"]) == (name, table)]
        found.update(facts)
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        export.codebook = text.getvalue()

    return change
