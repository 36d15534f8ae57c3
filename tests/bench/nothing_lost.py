"""Nothing lost: runs are killed, interrupted, started twice and let run out of disk, again and again, and looked at.

    python tests/bench/nothing_lost.py FOLDER [--times 100]      (a full disk only where one may mount one)

Every run replaces a result in whose folder the user keeps a letter. Afterwards the folder must hold a whole result, as
its manifest lists it, and the letter; after the next undisturbed run nothing may be left beside it but the previous
results. Prints a line for each kind of disturbance; exit code 1 if anything was lost or left over.
"""

import argparse
import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.jobs.test_run import make_town

OPTIONS = ["--set", "solve.method=search", "--set", "solve.effort=0.02", "--overwrite"]
LIMIT = "import resource, sys; n = int(sys.argv[1]); resource.setrlimit(resource.RLIMIT_FSIZE, (n, n)); "


def start(town: Path, out: Path, limit_bytes: int | None = None) -> subprocess.Popen[str]:
    """Start a run that replaces the results; with a limit, no file it writes may be larger."""
    words = ["--language", "en", "run", str(town), "--out", str(out), *OPTIONS]
    command = [sys.executable, "-m", "redistrict", *words]
    if limit_bytes is not None:
        code = f"{LIMIT}sys.argv[1:2] = []; from redistrict.__main__ import main; main()"
        command = [sys.executable, "-c", code, str(limit_bytes), *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def look(out: Path) -> str:
    """Tell whether the result is whole and the letter there; empty: all is well."""
    if not (out / "letter.txt").is_file():
        return "letter lost"
    try:
        files = json.loads((out / "manifest.json").read_bytes())["files"]
        for name, listed in files.items():
            if hashlib.sha256((out / name).read_bytes()).hexdigest() != listed["sha256"]:
                return f"{name} is not as listed"
    except OSError as error:
        return f"{error.filename} lost"
    return ""


def look_beside(out: Path) -> str:
    """Tell what is left beside the result that should not be."""
    left = sorted(path.name for path in out.parent.iterdir() if path.name not in ("out", ".out.previous", "runs.jsonl"))
    return f"left over: {', '.join(left)}" if left else ""


def disturb(town: Path, out: Path, chance: random.Random, *, number: int, writing: bool) -> str:
    """Send a signal at a random moment: of the whole run, or of the time it writes and swaps."""
    process = start(town, out)
    assert process.stderr is not None
    if writing:
        for line in process.stderr:
            if "Writing and verifying" in line:
                break
        time.sleep(chance.uniform(0, 2.5))
    else:
        time.sleep(chance.uniform(0, 8))
    process.send_signal(number)
    said = process.communicate()[1]
    if "Traceback" in said:
        return f"traceback: {said[said.index('Traceback') :][-1_500:]}"
    done = process.returncode == 0  # it had ended before
    ended = (130, -number, -signal.SIGINT)  # Python ends by SIGINT, too, where it came inside of `exec`: 130 in a shell
    if number != signal.SIGKILL and not done and process.returncode not in ended:
        return f"exit {process.returncode}"
    return look(out) or ("" if number == signal.SIGKILL else look_beside_but_journal(out))


def look_beside_but_journal(out: Path) -> str:
    """As `look_beside`, less what an interrupted search keeps to go on from."""
    for journal in out.parent.glob(".out.unfinished-*"):
        shutil.rmtree(journal)
    return look_beside(out)


def start_twice(town: Path, out: Path) -> str:
    """Start two runs into one folder: one is delivered, the other is told, or comes after it."""
    runs = [start(town, out), start(town, out)]
    said = [run.communicate()[1] for run in runs]
    codes = sorted(run.returncode for run in runs)
    told = any("Another run is writing to" in text for text in said)
    if codes != [0, 3] and codes != [0, 0]:
        return f"exits {codes}"
    return "" if told or codes == [0, 0] else "not told"


def run_out(town: Path, out: Path, chance: random.Random) -> str:
    """Let no file grow beyond a random size: the promised message and exit 3, or a whole result."""
    process = start(town, out, limit_bytes=chance.randrange(2_000, 400_000))
    said = process.communicate()[1]
    if process.returncode not in (0, 3) or "Traceback" in said:
        return f"exit {process.returncode}: {said[-200:]}"
    return "" if process.returncode == 0 or "cannot be written" in said else f"not told: {said[-200:]}"


def run_full(town: Path, out: Path, chance: random.Random) -> str:
    """Leave a random little room on the disk of the results: the promised message and exit 3, or a whole result."""
    filler = out.parent / "filler"
    room = chance.randrange(0, 1_500_000)
    filler.write_bytes(b"\0" * max(0, shutil.disk_usage(out).free - room))
    process = start(town, out)
    said = process.communicate()[1]
    filler.unlink()
    if process.returncode not in (0, 3) or "Traceback" in said:
        return f"exit {process.returncode}: {said[-200:]}"
    told = process.returncode == 0 or "cannot be written" in said or "No space left" in said
    return ("" if told else f"not told: {said[-200:]}") or look_beside_but_journal(out)


def mount(folder: Path) -> bool:
    """Put a disk of 64 MB at a folder, where one may."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    return shutil.which("mount") is not None and subprocess.run(words, capture_output=True, check=False).returncode == 0


def main() -> int:
    """Disturb, look, and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=100)
    given = parser.parse_args()
    folder, chance = given.folder, random.Random(1)
    folder.mkdir(parents=True)
    town, out, small = make_town(folder), folder / "results" / "out", folder / "disk" / "out"
    few = max(1, given.times // 5)

    def sent(name: str, *, writing: bool) -> Callable[[], str]:
        return lambda: disturb(town, out, chance, number=getattr(signal, name), writing=writing)

    kinds: list[tuple[str, int, Path, Callable[[], str]]] = [
        ("killed at any moment", 2 * given.times, out, sent("SIGKILL", writing=False)),
        ("killed while writing and swapping", given.times, out, sent("SIGKILL", writing=True)),
        ("SIGINT at any moment", given.times, out, sent("SIGINT", writing=False)),
        ("SIGTERM at any moment", given.times, out, sent("SIGTERM", writing=False)),
        ("started twice", few, out, lambda: start_twice(town, out)),
        ("no room for a file", few, out, lambda: run_out(town, out, chance)),
    ]
    disk = mount(small.parent)
    if disk:
        kinds.append(("the disk is full", few, small, lambda: run_full(town, small, chance)))
    try:
        return int(sum(not run_kind(town, *kind) for kind in kinds) > 0)
    finally:
        if disk:
            subprocess.run(["umount", str(small.parent)], check=True)


def run_kind(town: Path, kind: str, times: int, out: Path, once: Callable[[], str]) -> bool:
    """Disturb runs in one way; tell whether all was well."""
    if not out.exists():
        start(town, out).communicate()
        (out / "letter.txt").write_text("dear", encoding="utf-8")
    found: Counter[str] = Counter()
    for _ in range(times):
        found[once() or look(out)] += 1
    start(town, out).communicate()
    found[look(out) or look_beside(out)] += 1
    wrong = {what: n for what, n in found.items() if what}
    sys.stdout.write(f"{kind}: {times} times, {wrong or 'nothing lost, nothing left over'}\n")
    sys.stdout.flush()
    return not wrong


if __name__ == "__main__":
    raise SystemExit(main())
