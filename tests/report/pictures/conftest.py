"""Figures as they are drawn, for the tests of pictures."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Figure]:
    """Collect every figure that is written, by the name of its file."""
    figures: dict[str, Figure] = {}
    write = Figure.savefig

    def write_and_keep(figure: Figure, path: Path, **options: object) -> None:
        figures[path.stem] = figure
        write(figure, path, **options)

    monkeypatch.setattr(Figure, "savefig", write_and_keep)
    return figures
