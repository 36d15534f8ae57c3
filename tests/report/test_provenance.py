"""Provenance: a checksum that changes with every part of the data, and with nothing else."""

from pathlib import Path

from redistrict.report.provenance import file_sha256


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_folder_is_summed_by_its_files(tmp_path: Path) -> None:
    """A file geodatabase is a folder: two with different content have different checksums."""
    _write(tmp_path / "a.gdb" / "a0001.gdbtable", "one")
    _write(tmp_path / "b.gdb" / "a0001.gdbtable", "two")
    _write(tmp_path / "c.gdb" / "a0001.gdbtable", "one")
    assert file_sha256(tmp_path / "a.gdb") != file_sha256(tmp_path / "b.gdb")
    assert file_sha256(tmp_path / "a.gdb") == file_sha256(tmp_path / "c.gdb")


def test_a_shapefile_is_summed_with_its_table(tmp_path: Path) -> None:
    """A change in the .dbf changes the checksum, also where the name holds brackets; a neighbour's does not."""
    shape = _write(tmp_path / "blocks[1].shp", "shapes")
    _write(tmp_path / "blocks[1].dbf", "counts")
    before = file_sha256(shape)
    _write(tmp_path / "blocks1.dbf", "other")
    assert file_sha256(shape) == before
    _write(tmp_path / "blocks[1].dbf", "counts, changed")
    assert file_sha256(shape) != before
