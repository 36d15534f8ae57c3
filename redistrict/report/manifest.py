"""The manifest: SHA-256 and size of every delivered file, and of every file the result was made from."""

import hashlib
import json
from pathlib import Path
from typing import Any

from redistrict.report.provenance import list_parts, list_sources
from redistrict.report.swap import MANIFEST
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import is_pack_file


def write_manifest(folder: Path, scenario: Scenario) -> None:
    """Write `manifest.json` for everything that stands in a result folder; written last, it does not list itself.

    The same files give the same bytes. Raises `OSError` if a file cannot be read.
    """
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    content = {
        "files": {name: _digest(path) for name, path in files.items() if name != MANIFEST},
        "inputs": digest_inputs(scenario),
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")


def digest_inputs(scenario: Scenario) -> list[dict[str, Any]]:
    """Give key, name, SHA-256 and size of every file that a scenario names.

    Raises `OSError` if one cannot be read.
    """
    return [
        {"key": key, "file": part.name} | _digest(part)
        for key, path in _list_inputs(scenario)
        for part in list_parts(path)
    ]


def list_edited(folder: Path) -> list[str]:
    """Name the files of a delivered folder that are no longer as its manifest lists them; none where it has none."""
    try:
        listed = json.loads((folder / MANIFEST).read_bytes())["files"]
        return [name for name, was in listed.items() if not (path := folder / name).is_file() or _digest(path) != was]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _list_inputs(scenario: Scenario) -> list[tuple[str, Path]]:
    """Give every file the scenario names, with its place in the YAML file."""
    packs = [(f"standards.rules[{n}]", Path(name)) for n, name in enumerate(scenario.standards.rules)]
    return [
        *((key, source.path) for key, source in list_sources(scenario)),
        *((key, path) for key, path in packs if is_pack_file(str(path))),
    ]


def _digest(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return {"sha256": hashlib.file_digest(stream, "sha256").hexdigest(), "bytes": path.stat().st_size}
