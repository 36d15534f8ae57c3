"""The pictures of the search: what they show cannot be checked, but they may be nothing else."""

import shutil
from pathlib import Path

import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure

from redistrict.judge import judge_search_pictures


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a chart as a drawing library writes it."""
    folder = tmp_path_factory.mktemp("drawn")
    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 2], [3, 4], label="cost")
    axes.set_title("search")
    axes.legend()
    with rc_context({"svg.fonttype": "path"}):
        for suffix in ("png", "svg"):
            figure.savefig(folder / f"search.{suffix}")
    return folder


def judge(folder: Path, drawn: Path, suffix: str, *, change: tuple[bytes, bytes] | bytes) -> list[str]:
    content = (drawn / f"search.{suffix}").read_bytes()
    (folder / "pictures").mkdir()
    changed = change if isinstance(change, bytes) else content.replace(*change, 1)
    assert changed != content
    (folder / "pictures" / f"search.{suffix}").write_bytes(changed)
    return [one.found for one in judge_search_pictures(folder).violations]


def test_pictures_as_drawn_pass(tmp_path: Path, drawn: Path) -> None:
    """What a drawing library writes is a picture; none at all is no fault of a picture."""
    assert judge_search_pictures(tmp_path).ok
    shutil.copytree(drawn, tmp_path / "pictures")
    assert judge_search_pictures(tmp_path).ok


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (b"</svg>", b"<script>1</script></svg>", "<script>"),
        (b"</svg>", b"<foreignObject/></svg>", "<foreignObject>"),
        (b"</svg>", b'<a href="#x"/></svg>', "<a>"),
        (b"</svg>", b'<image href="http://x"/></svg>', "<image>"),
        (b"</svg>", b"<text>approved</text></svg>", "<text>"),
        (b"</svg>", b'<x:script xmlns:x="http://www.w3.org/2000/svg"/></svg>', "<x:script>"),
        (b"<g ", b'<g onload="x()" ', "onload=x()"),
        (b"</svg>", b'<use xlink:href="http://x#y"/></svg>', "xlink:href=http://x#y"),
        (b"</svg>", b'<g style="fill: URL(http://x)"/></svg>', "style=fill: URL(http://x)"),
        (b"</svg>", rb'<g style="fill: \75rl(http://x)"/></svg>', r"style=fill: \75rl(http://x)"),
        (b"</style>", b"@import 'x';</style>", "*{stroke-linejoin: round; stroke-linecap: butt}@import 'x';"),
        (b"</style>", b"/&#42; url</style>", "*{stroke-linejoin: round; stroke-linecap: butt}/* url"),
        (b"<svg", b'<?xml-stylesheet href="x"?><svg', "<?xml-stylesheet"),
        (b"</svg>", b"", "no SVG (no element found"),
        (b'11.dtd">', b'11.dtd" [<!ENTITY a "b">]>', "no SVG (declares entities)"),
    ],
)
def test_what_a_drawing_runs_or_loads_is_named(tmp_path: Path, drawn: Path, old: bytes, new: bytes, found: str) -> None:
    """Scripts, foreign elements, links, event attributes, styles that load or hide it, and what is no drawing."""
    (one,) = judge(tmp_path, drawn, "svg", change=(old, new))
    assert one.startswith(found)


@pytest.mark.parametrize(("fewer", "found"), [(0, []), (1, ["bytes"])])
def test_a_drawing_too_large_to_be_one_is_not_read(
    tmp_path: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch, fewer: int, found: list[str]
) -> None:
    """One just as large as may be is."""
    shutil.copytree(drawn, tmp_path / "pictures")
    n_bytes = (drawn / "search.svg").stat().st_size
    monkeypatch.setattr("redistrict.judge.search_pictures.MOST_BYTES", n_bytes - fewer)
    assert [one.found.partition(" ")[2] for one in judge_search_pictures(tmp_path).violations] == found


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (b"<html>", "no PNG"),
        (b"\x89PNG\r\n\x1a\n", "no whole PNG"),
        ((b"IDAT", b"IDAX"), "no whole PNG"),
        ((b"IEND\xaeB`\x82", b"IEND\xaeB`\x82evil"), "4 bytes after the end"),
    ],
)
def test_what_is_no_png_is_named(tmp_path: Path, drawn: Path, change: tuple[bytes, bytes] | bytes, found: str) -> None:
    """Chunks that do not fit their sums, and anything after the end."""
    assert judge(tmp_path, drawn, "png", change=change) == [found]
