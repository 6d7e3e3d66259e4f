"""Write `patients.xls`, the frozen file of the tests: needs `pip install xlwt==1.3.0`.

Excel 97 files cannot be written by the libraries of this project; they are read by `xlrd`.
"""

import datetime
from pathlib import Path

import xlwt

book = xlwt.Workbook()
sheet = book.add_sheet("Data")
day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
rows = [
    ["id", "age", "weight", "seen", "sex", "remark"],
    ["007", 40.0, 60.5, datetime.date(2019, 2, 3), "ชาย", "ไทย"],
    ["1E5", None, 61.0, datetime.date(2020, 2, 29), "F", "=1+1"],
    [],
    ["3", 135.0, None, None, "x", None],
]
for i, row in enumerate(rows):
    for j, cell in enumerate(row):
        if isinstance(cell, datetime.date):
            sheet.write(i, j, cell, day)
        elif cell is not None:
            sheet.write(i, j, cell)
sheet.row(2).hidden = True
sheet.row(4).set_cell_error(2, 0x17)  # #REF!
book.add_sheet("Empty")
book.save(Path(__file__).with_name("patients.xls"))
