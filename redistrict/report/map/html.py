"""The map: a plan as one HTML page that opens anywhere, without a network.

The page is a folium map whose only layer is our own: the scripts `*.js` draw the data packed by `content`, and
`page.css` sets the page. Data travel as one JSON block (see `offline`), never through a template.
"""

from html import escape
from pathlib import Path

import folium
from branca.element import MacroElement
from folium.utilities import get_and_assert_figure_root, get_obj_in_upper_tree

from redistrict.report.map.content import MapPage, pack_page
from redistrict.report.offline import Raw, json_block, read_own, render_offline, write_page

__all__ = ["SCRIPTS", "MapPage", "PlanLayer", "write_map"]

SCRIPTS = (
    "text.js",
    "cards.js",
    "scene.js",
    "boxes.js",
    "sheet.js",
    "names.js",
    "grounds.js",
    "labels.js",
    "figures.js",
    "legend.js",
    "match.js",
    "search.js",
    "tools.js",
    "frame.js",
    "print.js",
    "units.js",
    "address.js",
    "layer.js",
)
"""The page's own scripts, in the order in which they enter it; the last one starts."""


def write_map(path: Path, page: MapPage) -> None:
    """Write `page` to `path` as one HTML file without any reference to the outside; same page, same bytes.

    The one address the page may load from is that of `page.tiles`, where the scenario gives one.

    Raises
    ------
    OutputError
        If the installed folium would load something from the network.
    """
    chart = folium.Map(tiles=None, prefer_canvas=True, zoom_control=False, zoom_snap=0.25, attribution_control=False)
    figure = get_and_assert_figure_root(chart)
    figure.title = escape(page.title.in_language(page.language))
    chart.add_child(PlanLayer(pack_page(page)))
    write_page(path, render_offline(figure, tiles=page.tiles))


class PlanLayer(MacroElement):
    """The plan on a folium map, with its panel: data, scripts and style enter the page verbatim."""

    def __init__(self, data: dict[str, object]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PlanLayer"
        self._data = data

    def render(self, **kwargs: object) -> str:  # noqa: ARG002 (branca passes its options to every element)
        """Add panel, data, scripts and style to the page."""
        figure = get_and_assert_figure_root(self)
        chart = get_obj_in_upper_tree(self, folium.Map).get_name()
        draw = f'drawPlan({chart}, JSON.parse(document.getElementById("plan").textContent));'
        figure.header.add_child(Raw(f"<style>\n{read_own(__package__, 'page.css')}</style>"), name="plan_style")
        for name in SCRIPTS:
            figure.header.add_child(Raw(f"<script>\n{read_own(__package__, name)}</script>"), name=name)
        figure.html.add_child(Raw('<aside id="panel"></aside>'), name="plan_panel", index=0)
        figure.html.add_child(json_block("plan", self._data), name="plan_data")
        figure.script.add_child(Raw(draw), name="plan_draw")
        return ""
