"""The approval pack: one document, written as a PDF to print and as a DOCX to edit.

Read `matter` (what the pack is made of), `document` (paragraphs, tables and maps as values), `chapters`,
`sheets`, `units`, `boundaries`, `grids` and `annexes` (what is said), `drawings` (its maps), then the writers `pdf` and
`word` (with `word_xml`), `fonts` and `lines`. A chapter is written once, for every writer and both languages.
"""
