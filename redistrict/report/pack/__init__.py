"""The approval pack: one document, written as a PDF to print and as a DOCX to edit."""
