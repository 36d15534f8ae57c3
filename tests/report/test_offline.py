"""Offline pages: where their links may lead."""

import pytest
from branca.element import Figure

from redistrict.errors import OutputError
from redistrict.report.offline import Raw, render_offline


def render(markup: str) -> str:
    figure = Figure()
    figure.html.add_child(Raw(markup), name="body")
    return render_offline(figure)


@pytest.mark.parametrize("address", ["2/map.html", "2/", "results_of-2026/2/map.html"])
def test_a_link_may_lead_into_a_folder_beside_the_page(address: str) -> None:
    """An ordinary link to a file of the same delivery is kept as it is."""
    assert f'href="{address}"' in render(f'<a href="{address}">map</a>')


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="https://example.org/">',
        '<a href="//example.org/map.html">',
        '<a href="javascript:alert(1)">',
        '<a href="../secret/map.html">',
        '<a href="2/../../map.html">',
        '<a href="C:/map.html">',
        '<img src="2/map.png">',
        '<link href="2/page.css">',
    ],
)
def test_any_other_address_is_refused(markup: str) -> None:
    """Links elsewhere, and whatever a browser would load by itself, even from beside the page, are refused."""
    with pytest.raises(OutputError, match="load from outside itself"):
        render(markup)
