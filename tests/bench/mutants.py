"""Draws small changes of a room's code by a fixed seed, for mutmut to try whether the room's tests notice them.

    mutmut run $(python tests/bench/mutants.py geo [--n 200] [--seed 16])

Only changes that turn a comparison, an operator or a sign, put `and` for `or`, drop a `not`, or change a number or a
truth value are drawn: those a reader overlooks. Texts and dropped arguments, which mutmut changes as well, are not;
nor is `strict` of zip, which looks for mistakes of ours and changes no result. Each change has a lot of its own, by its
name, so that the draw stays as it was where other functions change. Those that no input can show are told in
`no_effect.txt`, each with the reason, and are not drawn.
Prints the names mutmut knows the changes by, a line each.
"""

import argparse
import ast
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

NO_EFFECT = Path(__file__).with_name("no_effect.txt")
OPERATORS = (ast.cmpop, ast.operator, ast.unaryop, ast.boolop)


def overlooked(file: Path) -> Iterator[str]:
    """Give the names of the changes of a file that are of the kinds drawn from."""
    mutated = mutate_file_contents(str(file), file.read_text(encoding="utf-8"))
    functions = {node.name: node for node in ast.walk(ast.parse(mutated.code)) if isinstance(node, ast.FunctionDef)}
    for name in mutated.mutant_names:
        original = functions[name.rpartition("__mutmut_")[0] + "__mutmut_orig"]
        if is_overlooked(original, functions[name]):
            yield get_mutant_name(file, name)


def is_overlooked(original: ast.FunctionDef, changed: ast.FunctionDef) -> bool:
    """Tell by the first place where two functions differ whether the change is one of an operator or a number."""
    for old, new in zip(nodes(original.body), nodes(changed.body), strict=False):
        if isinstance(old, ast.Constant) and isinstance(new, ast.Constant) and old.value != new.value:
            return isinstance(old.value, (bool, int, float)) and isinstance(new.value, (bool, int, float))
        if type(old) is not type(new):
            was_signed = isinstance(old, ast.UnaryOp) and not isinstance(new, ast.Constant)
            return was_signed or (isinstance(old, OPERATORS) and isinstance(new, OPERATORS))
    return False


def nodes(tree: ast.AST | list[ast.stmt]) -> Iterator[ast.AST]:
    """Give the nodes of a tree from the outside in, each before what it holds."""
    for child in tree if isinstance(tree, list) else ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.keyword) and child.arg == "strict"):
            yield child
            yield from nodes(child)


def main() -> None:
    """Draw, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("room", help="a folder in redistrict/")
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=16)
    options = parser.parse_args()
    files = sorted(Path("redistrict", options.room).rglob("*.py"))
    told = {line.partition(": ")[0] for line in NO_EFFECT.read_text(encoding="utf-8").splitlines()}
    names = [name for file in files for name in overlooked(file) if name not in told]
    lots = sorted(names, key=lambda name: hashlib.sha256(f"{options.seed} {name}".encode()).digest())
    sys.stdout.write("\n".join(lots[: options.n]) + "\n")


if __name__ == "__main__":
    main()
