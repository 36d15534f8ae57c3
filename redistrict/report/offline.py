"""Offline pages: Leaflet and jQuery inside the file, scripts pinned by hash, nothing fetched from anywhere.

branca compiles the text of an ordinary `Element` as a Jinja template, so a block called ``{{ ... }}`` would
run as code while the page is made. Whatever comes from data or packages therefore enters the page as `Raw`.
"""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from html.parser import HTMLParser
from importlib import resources
from importlib.metadata import files
from pathlib import Path

from branca.element import CssLink, Element, Figure, JavascriptLink

from redistrict.errors import OutputError
from redistrict.messages import Message, name_some

INLINED = {
    "leaflet": ("XStatic-Leaflet", "leaflet.js"),
    "jquery": ("XStatic-jQuery", "jquery.min.js"),
    "leaflet_css": ("XStatic-Leaflet", "leaflet.css"),
}
"""Assets folium asks for by these names -> the installed package and the file that hold them."""

DROPPED = frozenset(
    {
        "bootstrap",
        "bootstrap_css",
        "glyphicons_css",
        "awesome_markers",
        "awesome_markers_css",
        "awesome_markers_font_css",
        "awesome_rotate_css",
    }
)
"""Assets folium asks for that only its marker icons need; the pages have none."""

_POLICY = "default-src 'none'; img-src data: blob:{}; style-src 'unsafe-inline'; connect-src 'none'; script-src {}"
_LINKING_ATTRIBUTES = ("src", "srcset", "href", "xlink:href", "data", "action", "poster", "background")
_BESIDE = re.compile(r"[\w-]+(/[\w-][\w.-]*)*/?")
"""Where an ordinary link may lead: into a folder that lies beside the page."""
_REMOTE_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)[^)]*\)?", re.IGNORECASE)
_RELATIVE_IMAGE = re.compile(r"url\((images/[\w.-]+)\)")
_SOURCE_MAP = re.compile(r"^//[#@] sourceMappingURL=.*$", re.MULTILINE)
_UNSAFE_IN_SCRIPT = re.compile("[<>&\u2028\u2029]|\\{(?=[{%#])")


class Raw(Element):
    """Text that reaches the page exactly as it is, past every template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **kwargs: object) -> str:  # noqa: ARG002 (branca passes its options to every element)
        """Give the text."""
        return self._text


def json_block(element_id: str, value: object) -> Raw:
    """Wrap `value` as a JSON data block that no browser executes and no text inside can close."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    safe = _UNSAFE_IN_SCRIPT.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return Raw(f'<script type="application/json" id="{element_id}">{safe}</script>')


def read_own(package: str, name: str) -> str:
    """Read a script or a style sheet that lies beside the modules of a package."""
    return (resources.files(package) / name).read_text(encoding="utf-8")


def write_page(path: Path, page: str) -> None:
    """Write a page with its line ends as they are: its policy names each script by the hash of its bytes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(page)


def write_plain_page(path: Path, *, title: str, style: str, body: str, script: str = "") -> None:
    """Write a page without a map of its own: same texts, same bytes.

    Parameters
    ----------
    title : str
        As it is read; everything else as it is to stand in the page.

    Raises
    ------
    OutputError
        If the page would load something from outside itself.
    """
    figure = Figure()
    figure.title = escape(title)
    figure.header.add_child(Raw(f"<style>\n{style}</style>"), name="style")
    figure.html.add_child(Raw(body), name="body")
    if script:
        figure.script.add_child(Raw(script), name="script")
    write_page(path, render_offline(figure))


def render_offline(figure: Figure, *, tiles: str | None = None) -> str:
    """Render `figure` as one HTML text that needs no network and allows none.

    Equal figures give equal text: folium's random element ids are replaced by their order.

    Parameters
    ----------
    figure : branca.element.Figure
        The root of a folium map; it may be rendered only once.
    tiles : str, optional
        Address of map tiles (``http://server/{z}/{x}/{y}.png``): pictures may be loaded from its server, and from
        no other.

    Returns
    -------
    str
        The page, with its Content-Security-Policy as the first element of the head.

    Raises
    ------
    OutputError
        If the page would still load something from outside itself.
    """
    _number_elements(figure)
    for child in figure._children.values():
        child.render()
    _inline_assets(figure)
    page = _render_page(figure)
    scan = _Scan(page)
    if scan.remote:
        raise OutputError(_remote_assets_remain(scan.remote))
    figure.header.add_child(Raw(_policy(scan.scripts, tiles)), name="content_security_policy", index=0)
    return _render_page(figure)


def _render_page(figure: Figure) -> str:
    """Run the page's own template without rendering the children a second time."""
    return str(figure._template.render(this=figure, kwargs={})).replace("\r\n", "\n").replace("\r", "\n")


def _number_elements(root: Element) -> None:
    """Replace the random ids of `root` and all below it by 0, 1, 2, ... in order of appearance."""
    queue = [root]
    for number, element in enumerate(queue):
        element._id = f"{number:032x}"
        queue.extend(element._children.values())


def _inline_assets(figure: Figure) -> None:
    """Replace the links in the head by the text of the installed files, or drop them; refuse any other."""
    header = figure.header._children
    links = {name: link for name, link in header.items() if isinstance(link, (JavascriptLink, CssLink))}
    unknown = [link.url for name, link in links.items() if name not in INLINED and name not in DROPPED]
    if unknown:
        raise OutputError(_remote_assets_remain(unknown))
    for name, link in links.items():
        if name in DROPPED:
            del header[name]
        else:
            tag = "style" if isinstance(link, CssLink) else "script"
            header[name] = Raw(f"<{tag}>\n{read_library(name)}\n</{tag}>")


def read_library(name: str) -> str:
    """Read a script or style sheet of `INLINED`, which needs no other file."""
    distribution, file = INLINED[name]
    return _style_text(distribution, file) if file.endswith(".css") else _script_text(distribution, file)


def _read_asset(distribution: str, ending: str) -> bytes:
    """Read the file of an installed package whose path ends in ``/<ending>``."""
    for file in files(distribution) or ():
        if file.as_posix().endswith(f"/{ending}"):
            return bytes(file.locate().read_bytes())  # type: ignore[attr-defined]
    raise FileNotFoundError(f"package {distribution} has no file {ending}: install it again")


def _script_text(distribution: str, name: str) -> str:
    """Read a script, without the hint that sends debuggers looking for a source map."""
    return _SOURCE_MAP.sub("", _read_asset(distribution, name).decode("utf-8"))


def _style_text(distribution: str, name: str) -> str:
    """Read a style sheet and put the images it names inside it."""

    def embed(match: re.Match[str]) -> str:
        image = b64encode(_read_asset(distribution, match[1])).decode("ascii")
        return f"url(data:image/png;base64,{image})"

    return _RELATIVE_IMAGE.sub(embed, _read_asset(distribution, name).decode("utf-8"))


def _policy(scripts: list[str], tiles: str | None) -> str:
    """Write the meta element that forbids everything but the page's own scripts, named by their hashes, and tiles."""
    server = f" {'/'.join(tiles.split('/')[:3])}" if tiles else ""
    hashes = (b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii") for script in scripts)
    sources = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(escape(server), sources)}" />'


def _remote_assets_remain(remote: list[str]) -> Message:
    """Say which addresses the page would load."""
    named = name_some(remote)
    return Message(
        f"the map would load from outside itself: {named.en}; install the folium version redistrict asks for",
        f"地图会从外部加载资源：{named.zh}；请安装 redistrict 要求的 folium 版本",
    )


class _Scan(HTMLParser):
    """What a browser would run (`scripts`) and fetch (`remote`) when it opens the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.remote: list[str] = []
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element links to, and whether its text is script or style."""
        values = {name: value or "" for name, value in attrs}
        links = [value for name, value in values.items() if name in _LINKING_ATTRIBUTES]
        links = [link for link in links if not (tag == "a" and _BESIDE.fullmatch(link))]
        self.remote += [link for link in links if not link.startswith(("data:", "#"))]
        self.remote += _REMOTE_STYLE.findall(values.get("style", ""))
        self._inside = "" if values.get("type") == "application/json" else tag
        if self._inside == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 (the parser names the element)
        """Leave the element."""
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Collect script text; look for addresses in style text."""
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside == "style":
            self.remote += _REMOTE_STYLE.findall(data)
