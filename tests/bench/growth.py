"""CPU seconds and memory of each part of a run, for cities of 1,000 to 140,000 blocks, and how they grow with them.

    python tests/bench/growth.py FOLDER [DISTRICTS ...]

draws a city of each number of districts (958 blocks and 35 communities each) there, runs it with little search, and
prints what `report.json` says of its parts: of all cities in the folder, those of earlier calls included. The exponent
is x of the least-squares fit ``cpu_s ~ n_blocks ** x``, and that between the two largest cities alone, where what every
run costs weighs least. Seconds are those of all threads, so other work on the machine matters little.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
from large_city import ACROSS, DOWN, N_BLOCKS, N_COMMUNITIES, SCENARIO, draw_city

from redistrict.spent import Part

SHAPES = {1: (1, 1), 2: (2, 1), 3: (3, 1), 10: (5, 2), 32: (8, 4), 144: (16, 9)}
"""Districts across and down, by their number."""
SETTINGS = ("solve.effort=0.002", "solve.time_limit_s=1e6")
Spent = dict[str, dict[str, float]]


def run_city(folder: Path, n_districts: int) -> None:
    """Draw a city, if it is not there yet, and run it in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    scenario, (across, down) = folder / "city.yaml", SHAPES[n_districts]
    if not scenario.exists():
        draw_city(folder / "city.gpkg", np.random.default_rng(1), across=across, down=down)
        count = f"count: {ACROSS * DOWN * N_COMMUNITIES}"
        assert count in SCENARIO
        text = SCENARIO.replace(count, f"count: {n_districts * N_COMMUNITIES}")
        scenario.write_text(text, encoding="utf-8")
    command = ["run", str(scenario), "--out", str(folder / "out"), "--overwrite"]
    changes = [word for setting in SETTINGS for word in ("--set", setting)]
    subprocess.run([sys.executable, "-m", "redistrict", *command, *changes], check=True)


def read_spent(folder: Path) -> dict[int, Spent]:
    """Give what each part took, by the number of blocks."""
    reports = [json.loads(path.read_bytes()) for path in folder.glob("*/out/report.json")]
    found: dict[int, Any] = {report["totals"]["blocks"]: report["provenance"]["spent"] for report in reports}
    return dict(sorted(found.items()))


def tell_growth(n_blocks: list[int], cpu_s: list[float]) -> str:
    """Give the exponent over all sizes, and over the last two; none where a part took no time to speak of."""
    if len(n_blocks) < 2 or min(cpu_s) < 0.05:
        return "- | -"
    x, y = np.log(n_blocks), np.log(cpu_s)
    return " | ".join(f"{np.polyfit(x[some], y[some], 1)[0]:.2f}" for some in (slice(None), slice(-2, None)))


def print_table(spent: dict[int, Spent]) -> None:
    """Print CPU seconds and the most memory so far of each part in each city, with the growth, and that of n log n."""
    sizes = list(spent)
    nothing = {"cpu_s": 0.0, "peak_mib": 0}
    lines = [f"| part | {' | '.join(f'{n:,}' for n in sizes)} | growth | last |", "|---" * (len(sizes) + 3) + "|"]
    for part in get_args(Part):
        own = [one.get(part, nothing) for one in spent.values()]
        cells = " | ".join(f"{one['cpu_s']:.1f} s, {one['peak_mib']:.0f} MiB" for one in own)
        lines.append(f"| {part} | {cells} | {tell_growth(sizes, [one['cpu_s'] for one in own])} |")
    sums = [sum(part["cpu_s"] for part in one.values()) for one in spent.values()]
    peaks = [max(part["peak_mib"] for part in one.values()) for one in spent.values()]
    cells = " | ".join(f"{cpu_s:.1f} s, {peak:.0f} MiB" for cpu_s, peak in zip(sums, peaks, strict=True))
    lines.append(f"| all | {cells} | {tell_growth(sizes, sums)} |")
    lines.append(f"| n log n |{' |' * len(sizes)} {tell_growth(sizes, [n * np.log(n) for n in sizes])} |")
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    """Run the cities asked for, and print the table of all there are."""
    folder = Path(sys.argv[1])
    for n_districts in map(int, sys.argv[2:]):
        sys.stdout.write(f"{n_districts * N_BLOCKS:,} blocks\n")
        sys.stdout.flush()
        run_city(folder / f"{n_districts:03}", n_districts)
    print_table(read_spent(folder))


if __name__ == "__main__":
    main()
