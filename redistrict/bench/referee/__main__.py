"""Judge a folder: `python -m referee [FOLDER]`, by default the one that the referee lies in."""

import sys
from collections.abc import Sequence
from pathlib import Path

from .contest import Contest, judge_folder, name_faults
from .reading import Refused


def main(arguments: Sequence[str]) -> int:
    """Print a line for each answer, and what was refused."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        contest = judge_folder(Path(arguments[0] if arguments else Path(__file__).parent.parent))
    except Refused as error:
        contest = Contest((), (error.said,))
    for entry in contest.entries:
        off, faults = entry.off_best_known, entry.verdict.faults
        share = "" if off is None else f"{off:+.2%}"
        said = name_faults(faults)
        end = [f"{said.en} {said.zh}"] if faults else ["valid 有效", f"{entry.verdict.cost}", share]
        sys.stdout.write("\t".join([entry.answer.instance, entry.answer.contestant, *end]) + "\n")
    for said in contest.refused:
        sys.stdout.write(f"{said.en} {said.zh}\n")
    return 1 if contest.refused or any(entry.verdict.faults for entry in contest.entries) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
