"""The page of a review: its HTML, and the files it asks for by name.

The desk map of `report.map` is at home in it; the scripts in `static/` make it editable. `review.js` starts; `link.js`
speaks to the server, `shown.js` puts a state on the map, `brush.js` and `keys.js` take up what people do, `reckon.js`
counts meanwhile; `chosen.js` and `tabs.js` draw the left side, `questions.js` the right one, with `ask.js` for forms.
Data come as JSON from the server and enter the page as text nodes only.
"""

from html import escape

from redistrict.messages import Message
from redistrict.report.map.html import SCRIPTS
from redistrict.report.map.words import say
from redistrict.report.offline import json_block, read_library, read_own
from redistrict.review.words import WORDS

OWN = (
    "ask.js",
    "link.js",
    "reckon.js",
    "shown.js",
    "brush.js",
    "keys.js",
    "chosen.js",
    "questions.js",
    "tabs.js",
    "review.js",
)
"""The scripts of the review, in the order in which they run; the last one starts."""
_LIBRARIES = {"leaflet.js": "leaflet", "leaflet.css": "leaflet_css"}
_STYLES = ("leaflet.css", "page.css", "review.css")
_RUN = ("leaflet.js", *SCRIPTS, *OWN)
STATIC = {name: f"text/{'css' if name.endswith('.css') else 'javascript'}; charset=utf-8" for name in (*_STYLES, *_RUN)}
"""Every file that the page asks for below `static/`, and its media type."""

_PAGE = """\
<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
{styles}
</head>
<body class="review">
<header id="top"></header>
<nav id="left"></nav>
<main id="map" class="folium-map"></main>
<aside id="right"></aside>
<p id="said" role="status"></p>
{words}
{scripts}
</body>
</html>
"""


def write_page(title: Message) -> str:
    """Give the page, whose own words travel with it; every address in it is relative."""
    return _PAGE.format(
        title=escape(title.in_language("both")),
        styles="\n".join(f'<link rel="stylesheet" href="static/{name}">' for name in _STYLES),
        words=json_block("words", {key: say(words, "both") for key, words in WORDS.items()}).render(),
        scripts="\n".join(f'<script src="static/{name}"></script>' for name in _RUN),
    )


def read_static(name: str) -> bytes:
    """Read a file of `STATIC`.

    Raises
    ------
    KeyError
        For any other name.
    """
    STATIC[name]
    if name in _LIBRARIES:
        return read_library(_LIBRARIES[name]).encode("utf-8")
    if name in SCRIPTS or name == "page.css":
        return read_own("redistrict.report.map", name).encode("utf-8")
    return read_own(__package__, f"static/{name}").encode("utf-8")
