"""`output.block_term` from run to verify: blocks are called by one word in every file, and names stay."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from redistrict.messages import call_blocks
from tests.jobs.small_town import deliver_town, make_blocks, tell
from tests.latin import read_docx, read_pdf, read_xlsx

NAMES = {"B00": "城北地块", "B01": "North Block", "B02": "地块 12"}
TITLE = {"zh": "地块调整", "en": "Blocks of the north"}
_GIVEN = re.compile("|".join([*NAMES.values(), "地块12", *TITLE.values()]))
_TEXTS = (".json", ".geojson", ".csv", ".html", ".qmd", ".svg", ".xml")
_OWN_EN = re.compile(r"(?<![\w./])[Bb]locks?\b(?![./])")


@pytest.fixture(autouse=True)
def _called_blocks_again() -> Iterator[None]:
    """Leave the word for blocks as it is by default."""
    yield
    call_blocks("block")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the result `out` of the town in which blocks are called 小区, and some bear the other word."""
    folder, blocks = tmp_path_factory.mktemp("town"), make_blocks()
    blocks["name"] = [NAMES.get(key, name) for key, name in zip(blocks["id"], blocks["name"], strict=True)]
    title = f"title: {json.dumps(TITLE, ensure_ascii=False)}\n"
    return deliver_town(folder, blocks, {"solve:": f"{title}output: {{block_term: estate, language: zh}}\nsolve:"})


def read_texts(folder: Path) -> dict[str, str]:
    """Give what stands in the files of a folder, but for its scenarios and its program, without what the data name."""
    readers = {".xlsx": read_xlsx, ".docx": read_docx, ".pdf": lambda path: "".join(read_pdf(path).split())}
    readers |= dict.fromkeys(_TEXTS, lambda path: path.read_text(encoding="utf-8"))
    paths = sorted(path for path in folder.rglob("*") if path.suffix in readers)
    return {str(path.relative_to(folder)): _GIVEN.sub("＊", readers[path.suffix](path)) for path in paths}


def list_english(value: Any) -> Iterator[str]:
    """Give every English sentence of a JSON value."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if str(key) == "en":
            yield inner
        yield from list_english(inner)


def test_every_file_calls_blocks_by_the_term(town: Path) -> None:
    """Map, workbook, tables, layers, pictures and report.json say 小区, and 地块 only where the data do."""
    texts = read_texts(town / "out")
    assert {name for name, text in texts.items() if "地块" in text} == set()
    assert {"小区数" in texts["map.html"], "小区数" in texts["report.xlsx"]} == {True}
    english = list(list_english(json.loads((town / "out/report.json").read_text(encoding="utf-8"))))
    assert [text for text in english if _OWN_EN.search(_GIVEN.sub("", text))] == []


def test_names_and_keys_stay(town: Path) -> None:
    """Names come out as they went in, in one piece, and columns are called as ever."""
    page, table = ((town / "out" / name).read_text(encoding="utf-8-sig") for name in ("map.html", "plan.csv"))
    for name in NAMES.values():
        assert f'"{name}"' in page
    assert TITLE["zh"] in page
    assert next(csv.reader(table.splitlines()))[0] == "block_id"


def test_the_judge_accepts_the_term(town: Path) -> None:
    """Whoever verifies makes the same sentences again, and tells of them in the same word."""
    assert tell("verify", town / "out")[0] == 0
    code, said = tell("check", town / "s.yaml")
    assert (code, "16 estates, 24 pairs" in said) == (0, True)


@pytest.mark.slow(covers=["redistrict/block_term.py", "redistrict/messages.py", "redistrict/report/"])
def test_papers_call_blocks_by_the_term(town: Path, tmp_path: Path) -> None:
    """Pack, notice, comparison and a repaired plan use the word of the result they are made of."""
    pins = tmp_path / "pins.yaml"
    pins.write_text("pins: [{reason: 城北地块归并, together: [B00, B01]}]\n", encoding="utf-8")
    for command in (
        ("pack", town / "out", "--out", tmp_path / "pack"),
        ("notice", town / "out", "--out", tmp_path / "notice"),
        ("heal", town / "out", "--pins", pins, "--out", tmp_path / "healed"),
        ("compare", town / "out", tmp_path / "healed", "--out", tmp_path / "compared"),
    ):
        assert tell(*command)[0] == 0
    assert {name for name, text in read_texts(tmp_path).items() if "地块" in text} == set()
    assert tell("verify", tmp_path / "healed")[0] == 0
