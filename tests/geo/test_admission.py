"""Nothing is let in: what leads elsewhere, runs or never ends is refused before GDAL opens it (issue 16)."""

import http.server
import json
import os
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.geo import limits
from redistrict.geo.source import read_source, read_table
from redistrict.judge.reading import read_layer
from redistrict.scenario import admission
from redistrict.scenario.sources import Source

from .misplaced_town import Town

KEY = "data.blocks"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
"""How a workbook of before 2007 begins."""
Make = Callable[[Path, str], Path]


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """Give the address of a server on this machine, and what is asked of it."""
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def requests(listener: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """Give the server without a record, and no proxy before it."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    listener[1].clear()
    return listener


def _text(name: str, text: str) -> Make:
    """Write a text in which ADDRESS stands for the server."""

    def make(folder: Path, address: str) -> Path:
        path = folder / name
        path.write_text(text.replace("ADDRESS", address), encoding="utf-8")
        return path

    return make


def _packed(name: str, members: dict[str, str]) -> Make:
    def make(folder: Path, address: str) -> Path:
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member, text in members.items():
                archive.writestr(member, text.replace("ADDRESS", address))
        return folder / name

    return make


def _blocks(folder: Path) -> Path:
    path = folder / "a.gpkg"
    Town().blocks("EPSG:4547").to_file(path, layer="b")
    return path


def _database(*statements: str) -> Make:
    """Write the blocks as layer b of a GeoPackage, and do more to its tables."""

    def make(folder: Path, _: str) -> Path:
        path = _blocks(folder)
        with closing(sqlite3.connect(path)) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()
        return path

    return make


def _pipe(folder: Path, _: str) -> Path:
    os.mkfifo(folder / "a.geojson")
    return folder / "a.geojson"


def _pipe_beside(folder: Path, _: str) -> Path:
    path = _as("a.shp", "ESRI Shapefile")(folder)
    path.with_suffix(".cpg").unlink()
    os.mkfifo(path.with_suffix(".cpg"))
    return path


def _folder(folder: Path, _: str) -> Path:
    (folder / "data").mkdir()
    return folder / "data"


def _packed_geopackage(folder: Path, _: str) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(_blocks(folder), "inside.gpkg")
    return folder / "a.zip"


def _archive_within(name: str) -> Make:
    """Pack an archive in which nobody has looked for what leads elsewhere."""

    def make(folder: Path, address: str) -> Path:
        inner = _packed("inner.zip", {"b.geojson": VRT})(folder, address)
        with zipfile.ZipFile(folder / "a.zip", "w") as archive:
            archive.write(inner, name)
        return folder / "a.zip"

    return make


VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="b"><SrcDataSource>/vsicurl/ADDRESS/x.geojson</SrcDataSource></OGRVRTLayer>'
    "</OGRVRTDataSource>"
)
PIPE = "gdal vector pipeline read /vsicurl/ADDRESS/x.geojson ! write --of stream ''"
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x AS fid, x AS id, 5 AS hh FROM c"

REFUSED: dict[str, tuple[Make, str]] = {
    "VRT": (_text("a.vrt", VRT), "holds 'OGRVRTDataSource', which can lead to other files or over the network"),
    "VRT called a shapefile": (_text("a.shp", VRT), "holds 'OGRVRTDataSource'"),
    "VRT called GeoJSON": (_text("a.geojson", VRT), "holds 'OGRVRTDataSource'"),
    "VRT called a GeoPackage": (_text("a.gpkg", VRT), "holds 'OGRVRTDataSource'"),
    "VRT called CSV": (_text("a.csv", VRT), "holds 'OGRVRTDataSource'"),
    "VRT inside JSON": (_text("a.json", '{"type": "' + VRT), "holds 'OGRVRTDataSource'"),
    "VRT inside a table": (_text("a.csv", "id,hh\n" + VRT), "holds 'OGRVRTDataSource'"),
    "VRT in small letters": (_text("a.geojson", VRT.lower()), "holds 'ogrvrtdatasource'"),
    "VRT in an archive": (_packed("a.zip", {"a.geojson": VRT}), "holds 'OGRVRTDataSource'"),
    "VRT alone among what lies beside": (_packed("a.zip", {"a.txt": VRT}), "holds 'OGRVRTDataSource'"),
    "WFS": (_text("a.xml", "<OGRWFSDataSource><URL>ADDRESS/wfs</URL></OGRWFSDataSource>"), "holds 'OGRWFSDataSource'"),
    "WFS with an introduction": (
        _text("a.gml", "<?xml version='1.0'?>\n<OGRWFSDataSource><URL>ADDRESS/wfs</URL></OGRWFSDataSource>"),
        "holds 'OGRWFSDataSource'"),
    "a pipeline": (
        _text("a.gdalg.json", json.dumps({"type": "gdal_streamed_alg", "command_line": PIPE})), "gdal_streamed_alg"),
    "an entity of elsewhere": (
        _text("a.kml", '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY x SYSTEM "ADDRESS/x">]><kml>&x;</kml>'),
        "holds 'DOCTYPE'"),
    "an unknown XML": (_text("a.xml", "<WFS_Capabilities/>"), "of no kind that is read"),
    "a PDF": (_text("a.pdf", "%PDF-1.7"), "of no kind that is read"),
    "an empty file": (_text("a.shp", ""), "is empty .0 bytes."),
    "plain text": (_text("a.md", "id,hh\n1,2\n"), "of no kind that is read"),
    "an archive of nothing": (
        _packed("a.zip", {"readme.md": "hello", "b.md": "hello"}), "holds no layer that is read out of an archive"),
    "an archive in an archive": (_archive_within("b.zip"), r"packs an archive \(b\.zip\); unpack it"),
    "an archive called a shapefile": (_archive_within("b.shp"), r"packs an archive \(b\.shp\); unpack it"),
    "a packed GeoPackage": (_packed_geopackage, r"packs a GeoPackage \(inside\.gpkg\); unpack it"),
    "a pipe beside": (_pipe_beside, "is a device or a pipe, not a file"),
    "a pipe": (_pipe, "is a device or a pipe, not a file"),
    "a device": (lambda _folder, _address: Path("/dev/zero"), "is a device or a pipe, not a file"),
    "a folder": (_folder, "of no kind that is read"),
    "a view": (_database(f"CREATE VIEW evil AS {ENDLESS}"), "evil is a view or computes columns, a program that"),
    "contents that are a view": (
        _database("ALTER TABLE gpkg_contents RENAME TO c", "CREATE VIEW gpkg_contents AS SELECT * FROM c"),
        "gpkg_contents is a view"),
    "a computed column": (
        _database("CREATE TABLE evil (id, hh AS (length(hex(zeroblob(1000000000)))))"), "evil is a view or computes"),
    "a virtual table": (_database("CREATE VIRTUAL TABLE evil USING fts5(id, hh)"), "evil is a view"),
}  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices as on Unix; issue 16")
@pytest.mark.parametrize("fault", REFUSED)
def test_what_leads_elsewhere_or_runs_is_refused(tmp_path: Path, requests: tuple[str, list[str]], fault: str) -> None:
    """Engine and judge refuse it by its content, whatever it is called, and nothing goes over the network."""
    make, message = REFUSED[fault]
    source = Source(path=make(tmp_path, requests[0]), layer="evil" if "evil" in message else None)
    with pytest.raises(DataError, match=message):
        read_source(source, ["id"], key=KEY, notes=[])
    with pytest.raises(DataError, match=message):
        read_layer(source, ())
    assert requests[1] == []


def test_gdal_stays_off_the_network(tmp_path: Path, requests: tuple[str, list[str]]) -> None:
    """Once something was read, even a file that is given to GDAL directly makes no request."""
    address, asked = requests
    read_source(Source(path=_blocks(tmp_path)), ["id"], key=KEY, notes=[])
    for fault in ("VRT", "WFS", "a pipeline"):
        path = REFUSED[fault][0](tmp_path, address)
        with pytest.raises((pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError), match=r"\S"):
            pyogrio.read_dataframe(path)
    assert asked == []


def test_views_beside_the_layer_and_triggers_do_no_harm(tmp_path: Path) -> None:
    """A layer that is a table is read although a view that never ends and a trigger are in the same file."""
    trigger = "CREATE TRIGGER t AFTER UPDATE ON gpkg_contents BEGIN DELETE FROM b; END"
    path = _database(f"CREATE VIEW evil AS {ENDLESS}", trigger)(tmp_path, "")
    before = path.read_bytes()
    assert len(read_source(Source(path=path, layer="b"), ["id"], key=KEY, notes=[])) == 24
    assert path.read_bytes() == before
    with pytest.raises(DataError, match="evil is a view"):
        read_source(Source(path=path), ["id"], key=KEY, notes=[])


def _bytes_first(folder: Path) -> Path:
    path = folder / "b.geojson"
    Town().blocks("EPSG:4326").to_file(folder / "a.geojson", driver="GeoJSON")
    path.write_bytes(b"\xef\xbb\xbf \n" + (folder / "a.geojson").read_bytes())
    return path


def _as(name: str, driver: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        frame = Town().blocks("EPSG:4326")
        if driver == "DXF":
            frame = frame[["geometry"]]
        frame.to_file(folder / name, driver=driver, engine="pyogrio")
        return folder / name

    return make


def _zipped(folder: Path) -> Path:
    _as("a.shp", "ESRI Shapefile")(folder)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for path in sorted(folder.glob("a.*")):
            if path.suffix != ".zip":
                archive.write(path, path.name)
        archive.writestr("a.shp.xml", "<!DOCTYPE metadata><metadata/>")
        archive.writestr("__MACOSX/._a.shp", "\x00\x05\x16\x07")
    return folder / "a.zip"


def _in_a_folder(folder: Path) -> Path:
    (folder / "layers").mkdir()
    _as("a.shp", "ESRI Shapefile")(folder / "layers")
    return folder / "layers"


FINE: dict[str, Callable[[Path], Path]] = {
    "shapefile": _as("a.shp", "ESRI Shapefile"),
    "shapefile in an archive": _zipped,
    "shapefiles in a folder": _in_a_folder,
    "GeoPackage": _blocks,
    "GeoJSON": _as("a.geojson", "GeoJSON"),
    "GeoJSON with a byte order mark": _bytes_first,
    "GeoJSON, a feature a line": _as("a.geojsonl", "GeoJSONSeq"),
    "FlatGeobuf": _as("a.fgb", "FlatGeobuf"),
    "MapInfo": _as("a.tab", "MapInfo File"),
    "MapInfo exchange": _as("a.mif", "MapInfo File"),
    "File Geodatabase": _as("a.gdb", "OpenFileGDB"),
    "SQLite": _as("a.sqlite", "SQLite"),
    "KML": _as("a.kml", "KML"),
    "GML": _as("a.gml", "GML"),
    "DXF": _as("a.dxf", "DXF"),
}


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", FINE)
def test_usual_kinds_are_admitted(tmp_path: Path, kind: str) -> None:
    """Every kind of file that offices keep is still read, shapes and all."""
    path = FINE[kind](tmp_path)
    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    source = Source(path=path, layer=layers[0], crs=None if kind == "GeoPackage" else "EPSG:4326")
    assert len(read_source(source, [], key="data.roads[0]", notes=[])) == 24
    assert len(read_layer(source, ())) == 24


def test_tables_are_admitted(tmp_path: Path) -> None:
    """Tables of text and workbooks are read."""
    table = pd.DataFrame({"id": ["a", "b"], "hh": [1, 2]})
    table.to_csv(tmp_path / "a.csv", index=False)
    with pd.ExcelWriter(tmp_path / "a.xlsx", engine="xlsxwriter") as writer:
        table.to_excel(writer, index=False)
    for name in ("a.csv", "a.xlsx"):
        assert read_table(Source(path=tmp_path / name), ["id"], key=KEY, notes=[])["id"].tolist() == ["a", "b"]


# --- sizes -----------------------------------------------------------------------------------------------


def test_an_outline_without_end_is_refused(tmp_path: Path) -> None:
    """A block of a million vertices is named with its number before anything is computed from it."""
    blocks = Town().blocks("EPSG:4547")
    angle = np.linspace(0, 2 * np.pi, 1_000_000)
    x, y = shapely.get_coordinates(blocks.geometry[3].centroid)[0]
    circle = shapely.Polygon(np.column_stack([x + 45 * np.cos(angle), y + 45 * np.sin(angle)]))
    blocks.geometry = blocks.geometry.where(blocks["id"] != "B03", circle)
    blocks.to_file(tmp_path / "a.fgb", driver="FlatGeobuf")
    source = Source(path=tmp_path / "a.fgb")
    with pytest.raises(DataError, match=r"1 blocks have more than 20,000 vertices \(up to 1,000,000; features \d+\)"):
        read_source(source, ["id"], key=KEY, notes=[])
    assert len(read_source(source, ["id"], key="data.barriers[0]", notes=[])) == 24


def test_texts_without_end_are_refused(tmp_path: Path) -> None:
    """A text of a hundred thousand characters is named with column and row, where the column is used."""
    blocks = Town().blocks("EPSG:4547").assign(name=["x" * 100_000, *["x"] * 23])
    blocks.to_file(tmp_path / "a.gpkg")
    with pytest.raises(DataError, match=r"1 rows of 'name' hold more than 1,000 characters \(up to 100,000; rows 1\)"):
        read_source(Source(path=tmp_path / "a.gpkg"), ["id", "name"], key=KEY, notes=[])
    assert len(read_source(Source(path=tmp_path / "a.gpkg"), ["id"], key=KEY, notes=[])) == 24


def test_too_many_rows_are_refused_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer of more rows than are taken is refused by its head, blocks earlier than others."""
    monkeypatch.setattr(limits, "MOST_BLOCKS", 20)
    with pytest.raises(DataError, match=r"a\.gpkg has 24 rows; at most 20 are read"):
        read_source(Source(path=_blocks(tmp_path)), ["id"], key=KEY, notes=[])
    assert len(read_source(Source(path=tmp_path / "a.gpkg"), ["id"], key="data.roads[0]", notes=[])) == 24


def test_too_many_vertices_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vertices of a layer are counted together, too."""
    monkeypatch.setattr(limits, "MOST_VERTICES", 100)
    with pytest.raises(DataError, match=r"a\.gpkg has 120 vertices; at most 100 are taken"):
        read_source(Source(path=_blocks(tmp_path)), ["id"], key=KEY, notes=[])


def test_memory_is_stated_before_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A large file is announced with the memory it takes, and refused with the figures where there is not enough."""
    source = Source(path=_as("a.shp", "ESRI Shapefile")(tmp_path))
    monkeypatch.setattr(admission, "_LARGE", 1)
    monkeypatch.setattr(admission, "_free_memory", lambda: 2**40)
    assert len(read_source(source, ["id"], key=KEY, notes=[])) == 24
    assert "a.shp: reading takes about" in caplog.text
    monkeypatch.setattr(admission, "_free_memory", lambda: 1000)
    with pytest.raises(DataError, match=r"takes about 0\.0 GiB of memory to read; 0\.0 GiB are free"):
        read_source(source, ["id"], key=KEY, notes=[])


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an archive says it unpacks to counts, not what it takes on the disk."""
    monkeypatch.setattr(admission, "_MOST_UNPACKED", 1_000_000)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", np.zeros(2_000_000, dtype=np.uint8).tobytes())
    assert (tmp_path / "a.xlsx").stat().st_size < 10_000
    with pytest.raises(DataError, match=r"a\.xlsx holds 0\.0 GiB"):
        read_table(Source(path=tmp_path / "a.xlsx"), ["id"], key=KEY, notes=[])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("c.xlsx", OLD, "is a workbook with a password, or of before 2007; sav"),
        ("c.xls", OLD, "is a workbook of before 2007; save it as .xlsx without"),
        ("c.et", OLD, "is a workbook of before 2007; save it as .xlsx without"),
        ("c.xlsx", b"id,n\na,1\n", "is text and no workbook, in spite of its name; call it .csv"),
        ("c.xls", b"<html><table></table></html>", "is text and no workbook"),
        ("c.csv", b"", "is empty .0 bytes.; save the data again"),
        ("c.csv", "id,n\na,1\n".encode("utf-32"), "is text in UTF-32; save it as UTF-8"),
        ("c.geojson", "{}".encode("utf-16-be"), "is text in UTF-16; save it as UTF-8"),
    ],
)  # fmt: skip
def test_a_misnamed_file_is_told_what_it_is(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    """Old and locked workbooks, texts called workbooks, empty files and rare encodings say what to do."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"{KEY}: {name} {told}"):
        read_table(Source(path=tmp_path / name), ["id"], key=KEY, notes=[])


def test_limits_are_what_is_still_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, vertices and characters up to the limits pass; one more does not, and is named by its row."""
    for name, most in (
        ("MOST_ROWS", 9),
        ("MOST_VERTICES", 15),
        ("MOST_VERTICES_OF_A_BLOCK", 5),
        ("MOST_CHARACTERS", 3),
    ):
        monkeypatch.setattr(limits, name, most)
    limits.check_rows(9, "a.gpkg", "data.roads[0]")
    with pytest.raises(DataError, match="10 rows; at most 9"):
        limits.check_rows(10, "a.gpkg", "data.roads[0]")
    square, notched = shapely.box(0, 0, 9, 9), shapely.Polygon([(0, 0), (9, 0), (9, 9), (5, 5), (0, 9)])
    table = gpd.GeoDataFrame({"id": ["abc", "d", "e"]}, geometry=[square] * 3)
    limits.check_contents(table, "a.gpkg", KEY)
    with pytest.raises(DataError, match=r"(?s)up to 6; features 2\).* has 16 vertices; at most 15"):
        limits.check_contents(table.set_geometry([square, notched, square]), "a.gpkg", KEY)
    for dtype in ("str", "object"):
        with pytest.raises(DataError, match=r"1 rows of 'id' hold more than 3 characters \(up to 4; rows 3\)"):
            limits.check_contents(table.assign(id=pd.Series(["abc", "d", "efgh"], dtype=dtype)), "a.gpkg", KEY)
