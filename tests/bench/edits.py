"""Edits: a finished plan is changed by lot again and again, each change is healed and the answer judged.

    python tests/bench/edits.py RESULT_DIR [--n 200] [--seed 17]

Every edit is one of single blocks, groups of two to six, groups with a neighbour locked, and a merger with a split
elsewhere in the area, so that the number of communities stays. The judge reads the ground once and judges every answer
by the scenario; that each edit holds is looked at here. Prints a line an edit and the sums: seconds of wall time from
the question to the first valid plan and to the answer, and the share of answers that are proved to move the fewest
residents. Exit code 1 where an answer is not valid, or none was found.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from redistrict.errors import InfeasibleScenarioError, RedistrictError
from redistrict.jobs.finished import Finished, read_finished
from redistrict.jobs.heal import Repaired, solve_pins
from redistrict.judge.case import Case, assign
from redistrict.judge.ground import Ground, read_ground
from redistrict.judge.rules import judge_case
from redistrict.model.problem import count_residents
from redistrict.scenario.pins import Pin, read_pin
from redistrict.solver.adjacency import build_adjacency

KINDS = ("block", "group", "lock", "structure")


class Answer(NamedTuple):
    """One edit healed: seconds to the first plan and to the last, whether it is proved, and what is wrong with it."""

    kind: str
    first_s: float
    end_s: float
    moved: int
    is_proved: bool
    wrong: str


def draw_edits(finished: Finished, seed: int) -> Iterator[tuple[str, list[Pin]]]:
    """Draw edits without end, the kinds in turn."""
    rng, basis = random.Random(seed), finished.basis
    home, ids, keys = basis.before.of_block, basis.blocks.ids, basis.before.ids
    adjacency, people = build_adjacency(len(ids), finished.problem.edges), count_residents(basis.blocks)

    def others(block: int) -> list[int]:
        """Give the communities next to a block in its area."""
        near = adjacency.neighbour[adjacency.start[block] : adjacency.start[block + 1]].tolist()
        inside = [one for one in near if basis.area_of[one] == basis.area_of[block]]
        return sorted({int(home[one]) for one in inside} - {int(home[block])})

    def grow(block: int, size: int) -> list[int]:
        found = [block]
        while len(found) < size:
            near = {
                int(j) for i in found for j in adjacency.neighbour[adjacency.start[i] : adjacency.start[i + 1]].tolist()
            }
            more = sorted(j for j in near if home[j] == home[block] and j not in found)
            if not more:
                break
            found.append(rng.choice(more))
        return found

    border = [block for block in range(len(ids)) if people[block] > 0 and others(block)]
    while True:
        for kind in KINDS:
            block = rng.choice(border)
            into = rng.choice(others(block))
            if kind == "structure":
                area = basis.area_of_community(into)
                apart = [
                    c for c in range(len(keys)) if c not in (into, home[block]) and basis.area_of_community(c) == area
                ]
                if apart:
                    merge = {"merge": [keys[int(home[block])], keys[into]], "reason": "one office"}
                    yield (
                        kind,
                        [
                            read_pin(one)
                            for one in (merge, {"split": keys[rng.choice(apart)], "into": 2, "reason": "two"})
                        ],
                    )
                continue
            group = grow(block, 1 if kind == "block" else rng.randint(2, 6))
            pins = [{"blocks": [ids[one] for one in group], "in": keys[into], "reason": "asked for"}]
            near = sorted({c for one in group for c in others(one)} - {into})
            if kind == "lock" and near:
                pins.append({"keep": keys[rng.choice(near)], "reason": "agreed"})
            yield kind, [read_pin(one) for one in pins]


def heal(finished: Finished, ground: Ground, kind: str, pins: Sequence[Pin]) -> Answer | None:
    """Heal one edit and judge the answer; none where the pins cannot hold."""
    began, seen = time.monotonic(), list[float]()
    try:
        repaired = solve_pins(finished, pins, on_found=lambda _: seen.append(time.monotonic() - began))
    except InfeasibleScenarioError:
        return None
    except RedistrictError as error:
        return Answer(kind, 0.0, time.monotonic() - began, 0, False, str(error))
    end_s = time.monotonic() - began
    people, edited, labels = count_residents(finished.basis.blocks), repaired.edited, repaired.labels
    moved = int(people[edited.family[labels] != edited.family[edited.home]].sum())
    first_s = seen[0] if seen else end_s
    return Answer(
        kind, first_s, end_s, moved, all(a.is_fewest for a in repaired.areas), _judge(finished, ground, repaired)
    )


def _judge(finished: Finished, ground: Ground, repaired: Repaired) -> str:
    """Say what is wrong with an answer; nothing where nothing is."""
    labels, blocks = repaired.labels, finished.basis.blocks
    names = [f"c{number:03}" for number in labels.tolist()]
    plan = pd.DataFrame(
        {"block_id": blocks.ids, "district": blocks.frame["district"], "community_id": names, "community_name": names}
    )
    broken = judge_case(Case(finished.scenario, ground, assign(ground, plan), frozenset()), plan)
    lost = [edit for edit in repaired.edited.edits if not edit.holds(labels)]
    return "; ".join([*(one.message.en for one in broken), *map(str, lost)])


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Heal, judge, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result_dir", type=Path)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    finished = read_finished(options.result_dir)
    ground, answers, n_impossible = read_ground(finished.scenario), list[Answer](), 0
    for kind, pins in draw_edits(finished, options.seed):
        answer = heal(finished, ground, kind, pins)
        if answer is None:
            n_impossible += 1
        else:
            answers.append(answer)
            say("\t".join(map(str, answer)))
        if len(answers) + n_impossible == options.n:
            break
    for name, seconds in (("first plan", [a.first_s for a in answers]), ("answer", [a.end_s for a in answers])):
        say(f"{name}: median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s")
    wrong, proved = sum(bool(a.wrong) for a in answers), sum(a.is_proved for a in answers)
    say(f"{options.n} edits: {n_impossible} cannot hold, {len(answers)} answered, {wrong} not valid, {proved} proved")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
