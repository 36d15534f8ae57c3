"""The pack's text: lines broken as Chinese is, and fonts that hold its characters."""

import re

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.errors import OutputError
from redistrict.report.pack import fonts
from redistrict.report.pack.document import Heading, Text, tidy
from redistrict.report.pack.lines import break_lines
from redistrict.report.pack.pdf import characters_of, write_pdf


def test_words_and_punctuation_stay_together() -> None:
    """Chinese breaks between characters, no line begins with a comma, and English words stay whole."""
    lines = break_lines("东至长江，南至迎江大道，ends at Hubin Road。", 7.0, len)
    assert lines == ["东至长江，南至", "迎江大道，", "ends at", "Hubin", "Road。"]


@given(st.text(alphabet="东南，。（） ab12-\n", max_size=60), st.integers(3, 12))
def test_no_text_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    """Only blanks at line ends go; a line is wider than asked for only by punctuation that must stay with its word."""
    lines = break_lines(text, float(width), len)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert all(len(line) <= width or re.search(r"[，。（）]", line) for line in lines)


def test_characters_that_cannot_be_printed_become_blanks() -> None:
    """Control characters and line separators from data neither break the layout nor reach a writer."""
    assert tidy("a\x00b\tc\u2028d") == "a b c d"


def test_a_document_names_its_characters() -> None:
    """The characters of a document are those of its texts, and those of page numbers."""
    assert set("黄石0123456789—") <= set(characters_of((Text("黄石"),)))


def test_without_a_font_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Chinese font at all: one message with the characters and what to install."""
    monkeypatch.setattr(fonts, "_FOLDERS", ())
    with pytest.raises(OutputError, match=r"石 \(U\+77F3\).*fonts-noto-cjk.*SimSun"):
        fonts.choose_fonts("石")


def test_a_character_no_font_has_is_replaced_and_named() -> None:
    """A character that no installed font has is no reason to refuse the pack: 〓 stands for it, and a note names it."""
    chosen = fonts.choose_fonts("石\U0001f9ff")
    note = chosen.note()
    assert note is not None
    assert "the PDF prints 〓 for them: \U0001f9ff (U+1F9FF)." in note.en
    assert "以“〓”代替" in note.zh
    document = (Heading("石\U0001f9ff", 1), Text("石\U0001f9ff石"))
    pdf, _ = write_pdf(document, chosen, head=("石", ""), language="zh")
    with pypdfium2.PdfDocument(pdf) as printed:
        text = "".join(page.get_textpage().get_text_range() for page in printed)
    assert "石〓石" in text
    assert "\U0001f9ff" not in text
    assert fonts.choose_fonts("石").note() is None
