"""Carriers: text files, workbooks and statistical files, each read into one form, the sheet."""
