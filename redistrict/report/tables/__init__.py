"""Tables: CSV files, report.json and the workbook.

Read `files` (plan.csv, report.json, and how any CSV is written), `office` (one function an office list), `diagnosis`,
then `columns` (headings and formats), `sheets` and `workbook`. No text from data is ever taken for a formula.
"""
