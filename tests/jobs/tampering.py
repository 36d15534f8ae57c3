"""Kinds of tampering: one small change of one deliverable each, made by someone who then makes the manifest anew.

`list_kinds` looks at what a result folder holds and gives every kind by name, so that a new table, column, layer or
number is tampered with without being named here.
"""

import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import shapely

Change = Callable[[Path], None]
LAYERS = ("boundaries.geojson", "boundary_points.geojson", "communities.geojson")


def list_kinds(folder: Path) -> dict[str, Change]:
    """Give every kind of tampering with the files of a result, by name."""
    kinds: dict[str, Change] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name == "manifest.json":
            continue
        kinds[f"{name}: deleted"] = partial(_delete, name)
        kinds[f"{name}: cut short"] = partial(_cut_short, name)
        kinds |= {f"{name}: {what}": change for what, change in _list_of_file(folder, name)}
    kinds["extra file"] = lambda out: (out / "communities.gpkg-wal").write_text("community_id\n") and None
    kinds["a module beside the script"] = lambda out: (out / "certificate" / "json.py").write_text("") and None
    kinds |= {f"{name}: a link": partial(_link, name) for name in ("map.html", "shapefile")}
    kinds |= {f"manifest.json: {what}": partial(_on_json, "manifest.json", change) for what, change in _of_manifest()}
    return kinds


def _of_manifest() -> Iterator[tuple[str, Callable[[dict[str, Any]], Any]]]:
    yield "a key more", lambda told: told.update(approved="yes")
    yield "an input twice", lambda told: told["inputs"].insert(0, told["inputs"][0] | {"sha256": "0" * 64})
    yield "half a byte", lambda told: told["files"]["plan.csv"].update(bytes=0.5)
    yield "quiet of a file", lambda told: told["files"].pop("communities.gpkg")


def _list_of_file(folder: Path, name: str) -> Iterator[tuple[str, Change]]:
    suffix = Path(name).suffix
    if suffix == ".csv":
        yield from _of_table(folder, name)
    elif name == "report.json":
        yield from _of_report(folder)
    elif suffix == ".geojson":
        yield from _of_geojson(folder, name)
    elif suffix == ".gpkg":
        yield from _of_geopackage(folder)
    elif suffix == ".xlsx":
        yield from _of_workbook(folder)
    elif suffix == ".html":
        yield from _of_map()
    elif suffix in (".svg", ".yaml", ".prj"):
        yield "a digit", partial(_change_digit, name)
    elif suffix in (".png", ".shp", ".shx", ".dbf"):
        yield "a byte in the middle", partial(_flip, name, 0.5)
        yield "the last byte", partial(_flip, name, 0.999)


# --- any file ---------------------------------------------------------------------------------------------


def _delete(name: str, out: Path) -> None:
    (out / name).unlink()


def _cut_short(name: str, out: Path) -> None:
    raw = (out / name).read_bytes()
    (out / name).write_bytes(raw[: len(raw) * 2 // 3])


def _flip(name: str, share: float, out: Path) -> None:
    raw = bytearray((out / name).read_bytes())
    raw[int(len(raw) * share)] ^= 1
    (out / name).write_bytes(raw)


def _change_digit(name: str, out: Path) -> None:
    """Make a 7 of the first digit after the middle that is none."""
    text = (out / name).read_text(encoding="utf-8")
    middle = len(text) // 2
    (out / name).write_text(text[:middle] + re.sub(r"[0-689]", "7", text[middle:], count=1), encoding="utf-8")


def _replace(name: str, old: str, new: str, out: Path) -> None:
    text = (out / name).read_text(encoding="utf-8")
    assert old in text, f"{name} holds no {old}"
    (out / name).write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def _link(name: str, out: Path) -> None:
    """Put a link in place of a file or folder."""
    aside = out.parent / f"{name} elsewhere"
    (out / name).rename(aside)
    (out / name).symlink_to(aside)


# --- tables -----------------------------------------------------------------------------------------------


def _of_table(folder: Path, name: str) -> Iterator[tuple[str, Change]]:
    table = _read_table(folder / name)
    for column in table.columns:
        yield f"a cell of {column}", partial(_on_table, name, partial(_change_cell, column))
    yield "a row left out", partial(_on_table, name, lambda rows: rows.iloc[1:])
    yield "a row twice", partial(_on_table, name, lambda rows: pd.concat([rows, rows.iloc[-1:]]))
    if len(table) > 1:
        yield "rows turned round", partial(_on_table, name, lambda rows: rows.iloc[::-1])
    last = table.columns[-1]
    yield "a column left out", partial(_on_table, name, lambda rows: rows.drop(columns=last))
    yield "a column more", partial(_on_table, name, lambda rows: rows.assign(approved="yes"))
    yield "a heading", partial(_on_table, name, lambda rows: rows.rename(columns={last: f"{last}_"}))


def _read_table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _on_table(name: str, change: Callable[[pd.DataFrame], pd.DataFrame], out: Path) -> None:
    rows = change(_read_table(out / name))
    rows.to_csv(out / name, index=False, encoding="utf-8-sig", lineterminator="\n")


def _change_cell(column: str, rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.copy()
    rows.loc[0, column] = _other(rows.loc[0, column])
    return rows


def _other(value: Any) -> Any:
    """Give something else of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return f"{float(value) + 1}" if "." in value else f"{int(value) + 1}"
    return f"{value or ''}x"


# --- report.json ------------------------------------------------------------------------------------------


def _of_report(folder: Path) -> Iterator[tuple[str, Change]]:
    """Change one leaf of each name, and leave out each key at the top."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    seen = set()
    for path in list_leaves(report):
        kind = ".".join(key for key in path if isinstance(key, str))
        if kind not in seen:
            seen.add(kind)
            yield kind, partial(_change_leaf, path)
    for key in report:
        yield f"{key} left out", partial(_on_report, lambda report, key=key: report.pop(key))
    yield "optimal by its own word", partial(_on_report, _claim_optimal)
    yield "a bound of zero", partial(_on_report, lambda report: report.update(bound=0.0, gap=1.0))


def list_leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to every part of a JSON value that has no parts itself."""
    if isinstance(value, dict | list) and value:
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from list_leaves(value[key], (*path, key))
    else:
        yield path


def _on_json(name: str, change: Callable[[dict[str, Any]], Any], out: Path) -> None:
    told = json.loads((out / name).read_text(encoding="utf-8"))
    change(told)
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (out / name).write_text(text + "\n", encoding="utf-8", newline="\n")


_on_report = partial(_on_json, "report.json")


def _change_leaf(path: tuple[Any, ...], out: Path) -> None:
    _on_report(partial(change_part, path=path, change=_other), out)


def change_part(value: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> None:
    """Change the part of a JSON value at the end of a way."""
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = change(value[path[-1]])


def _claim_optimal(report: dict[str, Any]) -> None:
    report.update(status="OPTIMAL", stopped_by="proof", bound=report["cost"] + 1, gap=0.0)


# --- layers -----------------------------------------------------------------------------------------------


def _of_geojson(folder: Path, name: str) -> Iterator[tuple[str, Change]]:
    content = json.loads((folder / name).read_text(encoding="utf-8"))
    for key in content["features"][0]["properties"]:
        yield f"a {key}", partial(_on_geojson, name, partial(_change_property, key))
    yield "a coordinate", partial(_on_geojson, name, _move)
    yield "a feature left out", partial(_on_geojson, name, lambda content: content["features"].pop())
    yield "a feature twice", partial(_on_geojson, name, lambda all_: all_["features"].append(all_["features"][0]))


def _on_geojson(name: str, change: Callable[[dict[str, Any]], Any], out: Path) -> None:
    content = json.loads((out / name).read_text(encoding="utf-8"))
    change(content)
    (out / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _change_property(key: str, content: dict[str, Any]) -> None:
    properties = content["features"][0]["properties"]
    properties[key] = _other(properties[key])


def _move(content: dict[str, Any]) -> None:
    """Move the first vertex by some 10 cm."""
    inner = content["features"][0]["geometry"]["coordinates"]
    while isinstance(inner[0], list):
        inner = inner[0]
    inner[0] += 1e-6


def _of_geopackage(folder: Path) -> Iterator[tuple[str, Change]]:
    path = folder / "communities.gpkg"
    for layer, _ in pyogrio.list_layers(path):
        for column in pyogrio.read_info(path, layer=layer)["fields"]:
            yield f"{layer}: a {column}", partial(_on_column, layer, column)
        yield f"{layer}: a row left out", partial(_on_database, f'DELETE FROM "{layer}" WHERE rowid = 1')
        if pyogrio.read_info(path, layer=layer)["geometry_type"]:
            yield f"{layer}: a shape", partial(_change_shape, layer)
            extent = f"UPDATE gpkg_contents SET max_x = max_x + 9 WHERE table_name = '{layer}'"
            yield f"{layer}: the extent", partial(_on_database, extent)
    yield "the CRS", partial(_on_database, "UPDATE gpkg_geometry_columns SET srs_id = 4326")
    yield "a table more", partial(_on_database, "CREATE TABLE approved (who TEXT)")
    view = "CREATE VIEW approved AS SELECT * FROM communities"
    yield "a view more", partial(_on_database, view)
    trigger = "CREATE TRIGGER t AFTER UPDATE ON blocks BEGIN DELETE FROM communities; END"
    yield "a trigger more", partial(_on_database, trigger)
    yield "a layer hidden", partial(_on_database, "DELETE FROM gpkg_contents WHERE table_name = 'crossings'")
    index = "UPDATE rtree_communities_geom_node SET data = zeroblob(length(data))"
    yield "the index emptied", partial(_on_database, index)
    yield "bytes after the end", _append


def _on_column(layer: str, column: str, out: Path) -> None:
    base = _open(out)
    ((value,),) = base.execute(f'SELECT "{column}" FROM "{layer}" LIMIT 1').fetchall()
    base.execute(
        f'UPDATE "{layer}" SET "{column}" = ? WHERE rowid = (SELECT min(rowid) FROM "{layer}")', [_other(value)]
    )
    base.commit()
    base.close()


def _on_database(sql: str, out: Path) -> None:
    base = _open(out)
    base.execute(sql)
    base.commit()
    base.close()


def _open(out: Path) -> sqlite3.Connection:
    """Open the GeoPackage with the functions that its triggers need."""
    base = sqlite3.connect(out / "communities.gpkg")
    for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
        base.create_function(name, 1, lambda _blob: 0)
    return base


def _change_shape(layer: str, out: Path) -> None:
    """Move the first vertex by 10 cm where it stands in the file."""
    base = _open(out)
    rowid, blob = base.execute(f'SELECT rowid, geom FROM "{layer}" LIMIT 1').fetchone()
    head = 8 + {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[blob[3] >> 1 & 7]
    shape = shapely.from_wkb(blob[head:])
    moved = shapely.transform(shape, lambda xy: xy + 0.1)
    base.execute(f'UPDATE "{layer}" SET geom = ? WHERE rowid = ?', [blob[:head] + shapely.to_wkb(moved), rowid])
    base.commit()
    base.close()


def _append(out: Path) -> None:
    with (out / "communities.gpkg").open("ab") as stream:
        stream.write(struct.pack("<4096x"))


# --- workbook and map -------------------------------------------------------------------------------------


def _of_workbook(folder: Path) -> Iterator[tuple[str, Change]]:
    with zipfile.ZipFile(folder / "report.xlsx") as archive:
        names = archive.namelist()
    for name in names:
        yield f"a digit of {name}", partial(_on_member, name, _with_other_digit)
    yield "a shared text", partial(_on_member, "xl/sharedStrings.xml", lambda text: text.replace("社区", "街道", 1))
    yield "a member more", partial(_on_member, None, lambda text: text)
    yield "packed otherwise", partial(_on_member, "", lambda text: text)


def _with_other_digit(text: str) -> str:
    """Change the last number between tags, else the last digit there is."""
    for pattern in (r">(\d)(?=[\d.]*<(?!.*>\d))", r"(\d)(?=\D*\Z)"):
        changed = re.sub(
            pattern, lambda found: found.group().replace(found[1], str((int(found[1]) + 1) % 10)), text, count=1
        )
        if changed != text:
            return changed
    return text + " "


def _on_member(name: str | None, change: Callable[[str], str], out: Path) -> None:
    path = out / "report.xlsx"
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one).decode("utf-8") for one in archive.namelist()}
    if name is None:
        members["xl/worksheets/sheet99.xml"] = "<worksheet/>"
    elif name:
        members[name] = change(members[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for one, text in members.items():
            archive.writestr(one, text)


def _of_map() -> Iterator[tuple[str, Change]]:
    for what, old, new in (
        ("a name", "t0社区", "t9社区"),
        ("the title", "全镇", "全县"),
        ("the label", "虚构小镇", "真实小镇"),
        ("a number in a name", "小区7.10", "小区7.1"),
        ("a date", "2026.10.1", "2026.1.1"),
        ("a script", "drawPlan", "drawPlans"),
        ("a script more", "</head>", "<script>alert(1)</script></head>"),
        ("its policy", "default-src", "default-xsrc"),
    ):
        yield what, partial(_replace, "map.html", old, new)
    for at in range(8):
        yield f"a number of the data, {at}", partial(_change_map_number, at / 8)


def _change_map_number(share: float, out: Path) -> None:
    """Change a whole number in the data of the map."""
    path = out / "map.html"
    text = path.read_text(encoding="utf-8")
    start = text.index('id="plan"')
    end = text.index("</script>", start)
    at = start + int((end - start) * share)
    changed = re.sub(r"(?<=[:,\[])(\d+)(?=[,\]}])", lambda found: str(int(found[1]) + 1), text[at:end], count=1)
    path.write_text(text[:at] + changed + text[end:], encoding="utf-8", newline="")
