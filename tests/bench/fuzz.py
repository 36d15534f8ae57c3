"""Fuzzing: damaged scenarios, plans, reports, vector files and tables, and what is said of them.

    python tests/bench/fuzz.py [KIND ...] [--seconds 600] [--seed 1]

Kinds: scenario, plan, report, vectors, tables. Each damage is one or more bytes, words, lines, cells or members that
were changed, cut, doubled or put in. Whatever the damage, there must be an answer in words: nothing but a refusal of
our own may be raised. Prints how many were tried, how they ended, and every fault with the seed that shows it again;
exit code 1 if there is a fault.
"""

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parents[2]))

import geopandas as gpd
import pandas as pd

from redistrict.errors import RedistrictError
from redistrict.jobs.check import check
from redistrict.jobs.diagnose import diagnose
from redistrict.jobs.run import run
from redistrict.judge import judge_claims, judge_manifest, judge_run_log, judge_signature, verify_files
from redistrict.scenario import load_scenario
from tests.jobs.whole_town import draw_whole_town

LONGEST_S = 60
WORDS = [
    "",
    "null", "~", "[]", "{}", "-1", "0", "1e400", "-1e-400", "nan", ".inf", "1_000", "0x1F", "1" * 400, "true", "no",
    "2026-13-45", "!!python/object:os.system", "&a [*a]", "*a", "<<: {}", "'", '"', "[" * 60, "{a: " * 40, "\u0000",
    "\ufeff",
    "\U0001f600",
    "\ud800", "甲乙", "../../etc/passwd", "/dev/zero", "con", "=1+1", "%s%n", "a\tb", "x" * 5000, ":", "- ", "#",
]  # fmt: skip
VALUES = [
    None,
    -1,
    0,
    1e308,
    10**30,
    -(10**30),
    float("nan"),
    "",
    "甲",
    [],
    {},
    [[]],
    {"a": 1},
    True,
    "1e5",
    "\ud800",
    "x" * 3000,
]


def fuzz_bytes(content: bytes, chance: random.Random) -> bytes:
    """Change, cut, double or put in bytes at up to four places."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at, n = chance.randrange(len(damaged) + 1), chance.choice((1, 1, 2, 8, 200))
        what = chance.randrange(5)
        if what == 0:
            damaged[at : at + n] = chance.randbytes(min(n, len(damaged) - at))
        elif what == 1:
            del damaged[at : at + n]
        elif what == 2:
            damaged[at:at] = damaged[at : at + n]
        elif what == 3:
            damaged[at : at + n] = chance.choice((b"\0", b"\xff", b"\x7f", b"\x80")) * n
        elif chance.random() < 0.3:
            del damaged[at:]
    return bytes(damaged)


def fuzz_text(content: bytes, chance: random.Random) -> bytes:
    """Change words or lines; now and then, bytes."""
    if chance.random() < 0.2:
        return fuzz_bytes(content, chance)
    lines = content.decode("utf-8-sig").split("\n")
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randrange(len(lines))
        what = chance.randrange(6)
        if what == 0:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif what == 1 and len(lines) > 1:
            del lines[at]
        elif what == 2:
            lines[at] = " " * chance.randrange(8) + lines[at].lstrip()
        else:
            cells = lines[at].replace(": ", ":\t").replace(",", ",\t").split("\t")
            cells[chance.randrange(len(cells))] = chance.choice(WORDS)
            lines[at] = " ".join(cells) if ":" in lines[at] else ",".join(cell.rstrip(",") for cell in cells)
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def fuzz_json(content: bytes, chance: random.Random) -> bytes:
    """Put another value, or none, in one or two places of a document."""
    if chance.random() < 0.2:
        return fuzz_bytes(content, chance)
    document = json.loads(content)
    for _ in range(chance.choice((1, 2))):
        place = document
        while isinstance(place, dict | list) and place:
            key = chance.choice(sorted(place)) if isinstance(place, dict) else chance.randrange(len(place))
            if not isinstance(place[key], dict | list) or not place[key] or chance.random() < 0.15:
                if chance.random() < 0.2:
                    del place[key]
                else:
                    place[key] = chance.choice(VALUES)
                break
            place = place[key]
    return json.dumps(document).encode()


def fuzz_members(content: bytes, chance: random.Random) -> bytes:
    """Damage a member of an archive such as a workbook; now and then, the archive itself."""
    if chance.random() < 0.3:
        return fuzz_bytes(content, chance)
    with tempfile.SpooledTemporaryFile() as given, tempfile.SpooledTemporaryFile() as made:
        given.write(content)
        with zipfile.ZipFile(given) as old, zipfile.ZipFile(made, "w") as new:
            names = old.namelist()
            at = chance.choice(names)
            for name in names:
                member = old.read(name)
                new.writestr(name, fuzz_bytes(member, chance) if name == at else member)
        made.seek(0)
        return made.read()


FUZZERS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    ".yaml": fuzz_text, ".csv": fuzz_text, ".jsonl": fuzz_text, ".minisig": fuzz_text, ".pub": fuzz_text,
    ".prj": fuzz_text, ".cpg": fuzz_text, ".json": fuzz_json, ".geojson": fuzz_json, ".xlsx": fuzz_members,
    ".zip": fuzz_members,
}  # fmt: skip
"""By suffix; other files are damaged byte by byte."""


@dataclass(frozen=True)
class Kind:
    """What is damaged, and what is asked afterwards.

    Attributes
    ----------
    files : tuple of str
        Patterns of the files, one of which is damaged each time.
    ask : callable
        Called with the folder.
    """

    files: tuple[str, ...]
    ask: Callable[[Path], object]


def look(folder: Path) -> None:
    """Read everything, and count what can be counted without a search."""
    for path in sorted(folder.glob("town*.yaml")):
        check(load_scenario(path))


def count_today(folder: Path) -> None:
    """Read everything that the office's counts need."""
    diagnose(load_scenario(folder / "town.yaml"))


def judge(folder: Path) -> None:
    """Judge the delivered folder."""
    out = folder / "out"
    own = load_scenario(folder / "town.yaml")
    verify_files(own, out)
    judge_claims(own, out)
    judge_manifest(own, out)
    judge_run_log(out)
    judge_signature(out, folder / "office.pub")


KINDS = {
    "scenario": Kind(("town.yaml",), look),
    "plan": Kind(("out/plan.csv", "out/scenario.yaml"), judge),
    "report": Kind(("out/report.json", "out/manifest.json", "runs.jsonl", "out/*.minisig", "office.pub"), judge),
    "vectors": Kind(("*.gpkg", "shape/*", "town.geojson"), look),
    "tables": Kind(("*.csv", "town.xlsx"), count_today),
}


def prepare(folder: Path) -> None:
    """Draw a town with all there is, its blocks and roads also in other formats, and deliver and sign a plan of it."""
    scenario = draw_whole_town(folder)
    run(load_scenario(scenario), out=folder / "out")
    from redistrict.report.signature import make_keys, read_key, sign_manifest

    make_keys(folder / "office.key", "")
    sign_manifest(folder / "out", read_key(folder / "office.key", str), "timestamp:1\tsigned by:x")
    blocks = gpd.read_file(folder / "town.gpkg", layer="blocks")
    blocks.to_file(folder / "town.geojson")
    (folder / "shape").mkdir()
    blocks.to_file(folder / "shape" / "town.shp", encoding="GBK")
    text = scenario.read_text(encoding="utf-8")
    for name, path in (("geojson", "town.geojson"), ("shape", "shape/town.shp")):
        other = text.replace("path: town.gpkg\n    layer: blocks", f"path: {path}")
        (folder / f"town_{name}.yaml").write_text(other, encoding="utf-8")
    pd.read_csv(folder / "current.csv").to_excel(folder / "town.xlsx", index=False)
    with_sheet = text.replace("current: {path: current.csv", "current: {path: town.xlsx")
    scenario.write_text(with_sheet, encoding="utf-8")


def try_once(kind: Kind, whole: Path, folder: Path, seed: int) -> str:
    """Damage one file and ask; give how it ended, a fault with its last line."""
    chance = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole, folder)
    path = chance.choice(sorted(path for pattern in kind.files for path in folder.glob(pattern)))
    path.write_bytes(FUZZERS.get(path.suffix, fuzz_bytes)(path.read_bytes(), chance))
    try:
        with within(LONGEST_S):
            kind.ask(folder)
    except RedistrictError as refusal:
        refusal.problems[0].in_language("zh")
        return "refused"
    except Exception as error:  # noqa: BLE001
        where = traceback.extract_tb(error.__traceback__)[-1]
        return (
            f"FAULT {path.name}: {type(error).__name__}: {str(error)[:80]} ({Path(where.filename).name}:{where.lineno})"
        )
    return "answered"


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raise `TimeoutError` in whatever takes longer."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main() -> int:
    """Fuzz each kind for a time, and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS], metavar="KIND")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    faults = 0
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole"
        whole.mkdir()
        prepare(whole)
        for name in given.kinds or KINDS:
            ends: Counter[str] = Counter()
            seed, end = given.seed, time.monotonic() + given.seconds
            while time.monotonic() < end:
                how = try_once(KINDS[name], whole, Path(scratch) / "town", seed)
                if how.startswith("FAULT"):
                    sys.stdout.write(f"{name} --seed {seed}: {how}\n")
                ends[how.split()[0].lower()] += 1
                seed += 1
            sys.stdout.write(f"{name}: {dict(ends)}\n")
            sys.stdout.flush()
            faults += ends["fault"]
    return int(faults > 0)


if __name__ == "__main__":
    raise SystemExit(main())
