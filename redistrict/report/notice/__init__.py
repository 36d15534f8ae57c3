"""The public notice (公示): a page for residents, sheets to print, and a table for the opinions that come in.

`content` gathers what residents are told from a finished result, `words` says what stands around it, `drawing` draws
the maps; `page` is what a resident opens, `sheets` what an office prints, `workbook` the table to fill in. Nothing here
counts: all figures are those of the result.
"""
