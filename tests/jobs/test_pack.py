"""The approval pack, whole: a town with hostile names is run, judged again, printed and written as DOCX."""

import json
import logging
import shutil
from pathlib import Path
from unittest.mock import Mock

import docx
import geopandas as gpd
import numpy as np
import pandas as pd
import pypdfium2
import pytest
import shapely
from docx.document import Document as Docx
from docx.enum.section import WD_SECTION
from typer.testing import CliRunner, Result

from redistrict.cli import app as cli
from redistrict.errors import OutputError, VerificationError
from redistrict.geo.blocks import read_blocks
from redistrict.jobs.pack import make_pack
from redistrict.jobs.run import run
from redistrict.report.pack import fonts
from redistrict.scenario import load_scenario

pytestmark = [pytest.mark.first, pytest.mark.usefixtures("chinese_font")]

SCENARIO = """
name: town
title: {zh: 小镇社区调整方案, en: "Town {{7*7}} <b>redrawn</b>"}
data:
  label: {zh: 虚构数据, en: Made-up data}
  date: 2026-02-28
  licence: 政府内部使用
  blocks:
    path: town.gpkg
    layer: blocks
    columns: {id: id, households: households, people: people, district: district, name: name, community: today}
  roads:
    - {path: town.gpkg, layer: roads, class_column: class, name_column: name}
communities:
  target: {households: 400, people: 1200}
  tolerance: {households: 0.3, people: 0.3}
solve: {effort: 0.01}
standards: {rules: [huangshi_report, national_2026, procedure_practice]}
procedure: {risk_assessment: 2026-03-02, approval_number: 某政批〔2026〕1号}
output: {language: both}
"""
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "{{7*7}}",
    "${1}",
    "{% x %}",
    '=HYPERLINK("x")',
    "</script>",
    "{nb}",
    "**bold**",
]
A4, A3 = (595, 842), (1191, 842)


@pytest.fixture(scope="module")
def result_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the result of a town of 4 x 4 blocks with a road down the middle; today one row is one community.

    ::

        [ ][ ] | [ ][ ]   community r0, its blocks with hostile names
        [ ][ ] | [ ][ ]   r1 ...
    """
    folder = tmp_path_factory.mktemp("town")
    row, column = np.divmod(np.arange(16), 4)
    west, south = 500_000 + column * 120.0, 3_340_000 + row * 120.0
    blocks = gpd.GeoDataFrame(
        {
            "id": [f"{i:02d}" for i in range(16)],
            "households": 100,
            "people": 300,
            "district": "<东区>",
            "name": HOSTILE + [f"花园{i}期" for i in range(8)],
            "today": [f"=r{r}</w:t>" for r in row],
        },
        geometry=shapely.box(west, south, west + 100, south + 100),
        crs="EPSG:4547",
    )
    line = shapely.LineString([(500_230, 3_339_900), (500_230, 3_340_600)])
    roads = gpd.GeoDataFrame({"class": ["trunk"], "name": ["迎江<大道>"]}, geometry=[line], crs="EPSG:4547")
    blocks.to_file(folder / "town.gpkg", layer="blocks")
    roads.to_file(folder / "town.gpkg", layer="roads")
    (folder / "town.yaml").write_text(SCENARIO, encoding="utf-8")
    run(load_scenario(folder / "town.yaml"), out=folder / "result")
    return folder / "result"


@pytest.fixture(scope="module")
def pack(result_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packs") / "pack"
    make_pack(result_dir, out=out)
    return out


def test_who_proposes_and_approves_and_the_procedure_are_printed(pack: Path) -> None:
    """In the words of the law; every step has its day and what is asked, or a line to fill in."""
    text = _pdf_text(pack / "pack_zh.pdf")
    assert "由谁提出：居民委员会的设立、撤销、规模调整，由街道办事处提出（第三条）" in text
    assert "由谁批准：报不设区的市、市辖区的人民政府批准（第三条）" in text
    assert "社会稳定风险评估2026-03-02开展风险评估（宜）符合" in text
    assert "公示________公示30日（宜，不少于30日）无法核对" in text
    assert "批复文号某政批〔2026〕1号" in text
    assert "数据日期2026年2月28日数据许可政府内部使用" in text


def _pdf_text(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return "".join("".join(pages).split())


def _docx_text(document: Docx) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_both_languages_give_a_pack_each(pack: Path) -> None:
    """With `output.language: both` there is a PDF and a DOCX in Chinese and in English, and the digests."""
    names = ["pack.json", "pack_en.docx", "pack_en.pdf", "pack_zh.docx", "pack_zh.pdf"]
    assert sorted(path.name for path in pack.iterdir()) == names


def test_names_from_the_data_are_text(pack: Path) -> None:
    """Markup, templates and formulas in names stand as they are in the PDF and in the DOCX."""
    written = _docx_text(docx.Document(str(pack / "pack_en.docx")))
    printed = _pdf_text(pack / "pack_en.pdf")
    for name in [*HOSTILE, "=r0</w:t>", "<东区>", "Town {{7*7}} <b>redrawn</b>"]:
        assert name in written
        assert "".join(name.split()) in printed


def test_the_printed_figures_are_those_of_the_report(pack: Path, result_dir: Path) -> None:
    """Every community has a page of its own with its key, residents and posts as `report.json` gives them."""
    report = json.loads((result_dir / "report.json").read_text(encoding="utf-8"))
    with pypdfium2.PdfDocument(pack / "pack_zh.pdf") as document:
        pages = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    for number, row in enumerate(report["communities"], start=1):
        sheet = next(page for page in pages if f"{number}.{row['name']}" in page and "四至" in page)
        for text in (row["id"], f"户数{row['households']}（", f"工作者岗位{row['workers']}", "居民小区", "沿革"):
            assert text in sheet


def test_the_annex_of_boundaries_gives_every_line_and_point(pack: Path, result_dir: Path) -> None:
    """Lines with their metres and course, and points with their coordinates, stand there as in the CSV files."""
    written = _docx_text(docx.Document(str(pack / "pack_zh.docx")))
    printed = _pdf_text(pack / "pack_zh.pdf")
    lines, points = (pd.read_csv(result_dir / f"{name}.csv", dtype=str) for name in ("boundaries", "boundary_points"))
    assert len(points["point"].unique()) >= 4
    fixed = {"line_m": 2, "east_m": 3, "latitude": 8}
    columns = (lines["line_m"], points["east_m"], points["latitude"])
    for text in [f"{float(value):.{fixed[str(c.name)]}f}" for c in columns for value in c]:
        assert text in written
        assert text in printed
    assert "迎江<大道>" in [*lines["road_name"]]
    assert "无线状地物" in written
    names = [*lines["community_name"], *lines["beyond_name"].dropna(), *points["community_name"]]
    assert any(name.startswith("'=r") for name in names)
    assert not any(name.startswith("=") for name in names)


def test_pages_are_a4_the_maps_a3_and_all_have_ink(pack: Path) -> None:
    """Two maps lie on A3 sheets, all else on A4; no page is blank, and nothing is drawn over the edge of a page."""
    with pypdfium2.PdfDocument(pack / "pack_zh.pdf") as document:
        sizes = [(round(page.get_width()), round(page.get_height())) for page in document]
        images = [np.asarray(page.render(scale=1, grayscale=True).to_pil()) for page in document]
    assert sizes.count(A3) == 2
    assert set(sizes) == {A4, A3}
    for image in images:
        assert (image < 128).sum() > 200
        assert (image[:, :30] == 255).all()
        assert (image[:, -30:] == 255).all()


def test_the_same_result_gives_the_same_bytes_and_every_character_has_a_glyph(
    pack: Path, result_dir: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing depends on when or where the pack was made; the printer, which reports missing glyphs, has none."""
    with caplog.at_level(logging.WARNING):
        make_pack(result_dir, out=tmp_path / "pack")
    assert [record.message for record in caplog.records if record.name.startswith("fpdf")] == []
    for path in pack.iterdir():
        assert (tmp_path / "pack" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_docx_holds_the_maps_as_pictures(pack: Path, result_dir: Path) -> None:
    """A histogram, two maps of the town and a sketch of every community are in the DOCX."""
    n = json.loads((result_dir / "report.json").read_text(encoding="utf-8"))["n_communities"]
    document = docx.Document(str(pack / "pack_zh.docx"))
    assert len(document.inline_shapes) == n + 3
    assert [round(section.page_width.mm) for section in document.sections].count(420) == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_docx_has_contents_with_the_pages_of_the_print(pack: Path, language: str) -> None:
    """Issue 20: the contents were a hint to update a field; now every heading stands there with its page in print."""
    with pypdfium2.PdfDocument(pack / f"pack_{language}.pdf") as printed:
        outline = [(one.get_title(), one.get_dest().get_index() + 1, one.level + 1) for one in printed.get_toc()]
    document = docx.Document(str(pack / f"pack_{language}.docx"))
    contents = [one for one in document.paragraphs if one.style is not None and one.style.name in ("toc 1", "toc 2")]
    written = [(*one.text.split("\t"), int(str(one.style.name)[-1])) for one in contents if one.style is not None]
    pages = [field.xpath("string(.)") for one in contents for field in one._p.xpath(".//w:fldSimple")]
    assert [(title, int(page), level) for (title, _, level), page in zip(written, pages, strict=True)] == outline
    headings = document.element.body.xpath(".//w:bookmarkStart/@w:name")
    assert [name for one in contents for name in one._p.xpath("./w:hyperlink/@w:anchor")] == headings
    kinds = document.element.body.xpath(".//w:fldChar/@w:fldCharType")
    assert kinds == ["begin", "separate", "end"]
    assert [section.start_type for section in document.sections][1] == WD_SECTION.CONTINUOUS


def test_only_one_language_is_written(result_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 20: `--only` gives one language of a scenario with both; the data that were judged are not read again."""
    read = Mock(wraps=read_blocks)
    monkeypatch.setattr("redistrict.jobs.inputs.read_blocks", read)
    monkeypatch.setattr("redistrict.jobs.pack.build_graph", None)
    make_pack(result_dir, out=tmp_path / "pack", only="zh")
    assert sorted(path.name for path in (tmp_path / "pack").iterdir()) == ["pack.json", "pack_zh.docx", "pack_zh.pdf"]
    assert read.call_count == 1


def test_without_today_there_is_no_before(result_dir: Path, tmp_path: Path) -> None:
    """Where the data name no communities of today the pack begins with the proposal, and tells of no lineage."""
    text = SCENARIO.replace(", community: today", "").replace("both", "zh")
    (result_dir.parent / "new.yaml").write_text(text, encoding="utf-8")
    run(load_scenario(result_dir.parent / "new.yaml"), out=tmp_path / "result")
    make_pack(tmp_path / "result", out=tmp_path / "pack")
    assert sorted(path.name for path in (tmp_path / "pack").iterdir()) == ["pack.json", "pack_zh.docx", "pack_zh.pdf"]
    printed = _pdf_text(tmp_path / "pack" / "pack_zh.pdf")
    assert "一、调整方案" in printed
    assert "现状（红色虚线" not in printed
    assert "沿革" not in printed.replace("用房和沿革", "")
    make_pack(tmp_path / "result", out=tmp_path / "english", only="en")
    assert sorted(path.name for path in (tmp_path / "english").iterdir()) == [
        "pack.json",
        "pack_en.docx",
        "pack_en.pdf",
    ]


def test_a_result_that_was_changed_gets_no_pack(result_dir: Path, tmp_path: Path) -> None:
    """Neither a plan the judge refuses nor a scenario other than that of the run is printed."""
    moved = shutil.copytree(result_dir, tmp_path / "moved")
    lines = (moved / "plan.csv").read_text(encoding="utf-8").splitlines()
    (moved / "plan.csv").write_text("\n".join([lines[0], *lines[2:]]), encoding="utf-8")
    with pytest.raises(VerificationError):
        make_pack(moved, out=tmp_path / "pack")
    eased = shutil.copytree(result_dir, tmp_path / "eased")
    text = (eased / "scenario.yaml").read_text(encoding="utf-8")
    (eased / "scenario.yaml").write_text(text.replace("households: 0.3", "households: 0.4"), encoding="utf-8")
    with pytest.raises(VerificationError, match=r"scenario\.yaml has changed since it was written"):
        make_pack(eased, out=tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_without_a_font_nothing_is_written(result_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no Chinese font is installed the pack is refused whole."""
    monkeypatch.setattr(fonts, "_FOLDERS", ())
    with pytest.raises(OutputError, match="No installed font"):
        make_pack(result_dir, out=tmp_path / "pack")
    assert list(tmp_path.iterdir()) == []


def _call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["--language", "en", "pack", *arguments])


@pytest.mark.slow(covers=["redistrict/jobs/pack.py", "redistrict/report/pack/"])
def test_the_command_keeps_what_an_office_has_edited(result_dir: Path, tmp_path: Path) -> None:
    """A pack is replaced only when told; files of the office in it stay, and it never replaces the result itself."""
    result = shutil.copytree(result_dir, tmp_path / "result")
    assert _call(str(result)).exit_code == 0
    assert _call(str(result)).exit_code == 3
    assert _call(str(result), "--overwrite").exit_code == 0
    (result / "pack" / "ours.docx").write_text("edited")
    assert _call(str(result), "--overwrite").exit_code == 0
    assert (result / "pack" / "ours.docx").read_text() == "edited"
    assert _call(str(result), "--out", str(result), "--overwrite").exit_code == 3
    assert (result / "report.json").exists()
