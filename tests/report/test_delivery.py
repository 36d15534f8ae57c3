"""Delivery: results appear whole or not at all, and nothing that is not a result is ever replaced."""

from collections.abc import Callable
from pathlib import Path

import pytest

from redistrict.errors import OutputError
from redistrict.report import swap
from redistrict.report.delivery import check_free, delivered_whole


def _result(folder: Path, text: str = "{}") -> Path:
    folder.mkdir()
    (folder / "report.json").write_text(text, encoding="utf-8")
    return folder


def _deliver(out: Path, text: str, *, overwrite: bool, then: Callable[[], object] = lambda: None) -> None:
    with delivered_whole(out, overwrite=overwrite) as folder:
        (folder / "report.json").write_text(text, encoding="utf-8")
        then()


def _fill_the_disk() -> None:
    raise OSError(28, "No space left on device")


def test_a_new_place_and_an_empty_folder_are_free(tmp_path: Path) -> None:
    """Results may go to a place that is not there yet, however deep, or replace a result or an empty folder."""
    check_free(tmp_path / "a" / "b", overwrite=False)
    check_free(_result(tmp_path / "old"), overwrite=True)
    (tmp_path / "empty").mkdir()
    check_free(tmp_path / "empty", overwrite=True)


def test_a_folder_below_a_file_is_refused_before_the_run(tmp_path: Path) -> None:
    """`--out town.yaml/results` is refused at once, not after the search."""
    (tmp_path / "town.yaml").write_text("name: town", encoding="utf-8")
    with pytest.raises(OutputError, match=r"town\.yaml is a file, so no folder can be made in it"):
        check_free(tmp_path / "town.yaml" / "results" / "a", overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_and_a_foreign_folder_are_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    """What is no result of ours is refused, and the message does not suggest to overwrite it."""
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    for place in (tmp_path, tmp_path / "letter.txt"):
        with pytest.raises(OutputError, match="is not a result directory"):
            check_free(place, overwrite=overwrite)


def test_a_name_the_system_refuses_is_told(tmp_path: Path) -> None:
    """A name that is too long ends in a sentence, not in a traceback."""
    with pytest.raises(OutputError, match=r"Results cannot be written to .* \(.*long"):
        check_free(tmp_path / ("社" * 200), overwrite=False)


def test_a_result_that_holds_an_input_is_not_replaced(tmp_path: Path) -> None:
    """Overwriting a result folder never deletes the data the run was made from."""
    out = _result(tmp_path / "out")
    (out / "blocks.gpkg").touch()
    with pytest.raises(OutputError, match=r"holds the input file blocks\.gpkg"):
        check_free(out, overwrite=True, inputs=[tmp_path / "roads.gpkg", out / "blocks.gpkg"])
    check_free(out, overwrite=True, inputs=[tmp_path / "roads.gpkg"])


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """When writing fails the earlier result stays and no temporary folder does; the reason is told."""
    out = _result(tmp_path / "out", "old")
    with pytest.raises(OutputError, match="No space left on device"):
        _deliver(out, "new", overwrite=True, then=_fill_the_disk)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (out / "report.json").read_text(encoding="utf-8") == "old"


def test_a_result_made_in_the_meantime_is_not_replaced(tmp_path: Path) -> None:
    """Two runs into one folder without --overwrite: the second keeps its results beside the first's."""
    out = tmp_path / "out"
    with pytest.raises(OutputError, match=r"the new results are in .*out-new-"):
        _deliver(out, "second", overwrite=False, then=lambda: _result(out, "first"))
    assert (out / "report.json").read_text(encoding="utf-8") == "first"
    (beside,) = tmp_path.glob("out-new-*")
    assert (beside / "report.json").read_text(encoding="utf-8") == "second"


@pytest.mark.parametrize("stuck", ["out", ".out.new"])
def test_a_folder_in_use_costs_nobody_their_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck: str
) -> None:
    """Where a program holds files of the old result, as Windows does, old and new results are both kept."""
    out = _result(tmp_path / "out", "old")
    rename, refused = Path.rename, []

    def refuse(self: Path, target: Path) -> Path:
        if self.name.startswith(stuck) and not refused:
            refused.append(self)
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    with pytest.raises(OutputError, match=r"could not be replaced \(Permission denied\).*Close the programs"):
        _deliver(out, "new", overwrite=True)
    assert (out / "report.json").read_text(encoding="utf-8") == "old"
    (beside,) = tmp_path.glob("out-new-*")
    assert (beside / "report.json").read_text(encoding="utf-8") == "new"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_link_to_a_result_stays_a_link(tmp_path: Path) -> None:
    """Results written through a symbolic link replace the folder it leads to."""
    real = _result(tmp_path / "real", "old")
    try:
        (tmp_path / "link").symlink_to(real, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no symbolic links here")
    _deliver(tmp_path / "link", "new", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (real / "report.json").read_text(encoding="utf-8") == "new"
