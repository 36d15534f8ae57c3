"""Swap: a finished folder takes the place of an old one in one step, and what is not ours in the old one stays.

Beside a result folder NAME stand, hidden:

=================== =================================================================================
`.NAME.lock`        held by the process that writes there, for as long as it does
`.NAME.new-*`       what is being written
`.NAME.swap`        a finished folder about to take the place of NAME, then the old one
`.NAME.old`         the old one on the way, where the system cannot exchange two names in one step (Windows)
`.NAME.previous`    the results before these
=================== =================================================================================

A process killed at any moment leaves NAME whole, or (without that one step) its old results in `.NAME.old`;
`recover` then puts everything right.
"""

import ctypes
import errno
import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from glob import escape
from pathlib import Path

MANIFEST, PACK = "manifest.json", "pack.json"
SIGNATURE = MANIFEST + ".{}.minisig"
"""A signature of the manifest, by the name of the key."""
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of linux/fcntl.h and linux/fs.h
_CANNOT_EXCHANGE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EXDEV)
_MADE_BY_READERS = (".qix", ".sbn", ".sbx", ".shp.xml", ".gpkg-wal", ".gpkg-shm", ".gpkg-journal", ".aux.xml")
"""Indexes and the like that other programs put beside our layers: of no use, and misleading, beside new ones."""


def beside(out: Path, what: str) -> Path:
    """Give the hidden place beside `out` for one purpose."""
    return out.with_name(f".{out.name}.{what}")


def swap_in(aside: Path, out: Path) -> None:
    """Move a finished folder to `out`; results that stand there become the previous ones.

    Raises
    ------
    OSError
        If something cannot be moved: `out` is as it was, and the finished folder is at `aside` or at `.NAME.swap`.
    """
    _sync(aside)
    if out.exists() and not any(out.iterdir()):
        out.rmdir()
    if not out.exists():
        aside.rename(out)
    else:
        carried = _carry_over(out, aside)
        swap, old, previous = (beside(out, what) for what in ("swap", "old", "previous"))
        aside.rename(swap)
        if _exchange(swap, out):
            replaced = swap
        else:
            replaced = old
            out.rename(old)
            try:
                swap.rename(out)
            except OSError:
                old.rename(out)
                raise
        _drop(replaced, carried)
        _keep_as_previous(replaced, previous)
    _sync_folder(out.parent)


def recover(out: Path) -> None:
    """Put right what a killed process left: nothing half written stays, and a result it was replacing is put back.

    To be called by the holder of the lock alone. Raises `OSError` where something cannot be moved.
    """
    old, swap, previous = (beside(out, what) for what in ("old", "swap", "previous"))
    if old.exists() and not out.exists():
        old.rename(out)
    for left in (swap, old):
        if left.exists():
            _keep_as_previous(left, previous)
    for left in sorted(out.parent.glob(f".{escape(out.name)}.new-*")):
        shutil.rmtree(left, ignore_errors=True)


def _keep_as_previous(folder: Path, previous: Path) -> None:
    shutil.rmtree(previous, ignore_errors=True)
    folder.rename(previous)


def list_ours(out: Path) -> frozenset[str] | None:
    """Give the files of a folder that its manifest lists, as paths with slashes; none where it has no manifest.

    A pack made inside a result is ours as well, and so are signatures of the manifest, also of results inside it.
    """
    ours = _read_manifest(out / MANIFEST, "files") or _read_manifest(out / PACK, "pack")
    if not ours:
        return None
    ours |= {path.name for path in out.glob(SIGNATURE.format("*"))}
    for pack in sorted(out.glob(f"*/{PACK}")):
        ours |= {f"{pack.parent.name}/{name}" for name in _read_manifest(pack, "pack")}
    for inner in [name.removesuffix(f"/{MANIFEST}") for name in ours if name.endswith(f"/{MANIFEST}")]:
        ours |= {f"{inner}/{name}" for name in list_ours(out / inner) or ()}
    return ours


def _read_manifest(path: Path, key: str) -> frozenset[str]:
    try:
        return frozenset(map(str, json.loads(path.read_bytes())[key])) | {path.name}
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def _carry_over(out: Path, aside: Path) -> list[Path]:
    """Link into the new folder, or copy, what is not ours in the old one, and give it."""
    ours = list_ours(out)
    if ours is None:  # results of before there were manifests
        ours = frozenset(path.relative_to(aside).as_posix() for path in aside.rglob("*"))
    carried = [path for path in _list_files(out) if path.as_posix() not in ours and not _is_made_by_reader(path, ours)]
    for path in carried:
        target = aside / path
        if target.exists():
            raise FileExistsError(errno.EEXIST, f"{path} is yours, and the new results have a file of that name")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(out / path, target, follow_symlinks=False)
        except (OSError, NotImplementedError):
            shutil.copy2(out / path, target, follow_symlinks=False)
    return carried


def _list_files(folder: Path) -> list[Path]:
    """Give all files below a folder, relative to it; a link to a folder is one."""
    found = []
    for place, subfolders, names in os.walk(folder):
        here = Path(place)
        links = [name for name in subfolders if (here / name).is_symlink()]
        found += [(here / name).relative_to(folder) for name in (*names, *links)]
    return sorted(found)


def _is_made_by_reader(path: Path, ours: frozenset[str]) -> bool:
    for ending in _MADE_BY_READERS:
        layer = ".gpkg" if ending.startswith(".gpkg") else ".shp"
        if path.name.endswith(ending) and (path.as_posix().removesuffix(ending) + layer) in ours:
            return True
    return False


def _drop(folder: Path, carried: Sequence[Path]) -> None:
    """Take out of the old folder what was carried over."""
    for path in carried:
        with suppress(OSError):
            (folder / path).unlink()
            if path.parent != Path():
                (folder / path).parent.rmdir()


def _exchange(one: Path, two: Path) -> bool:
    """Exchange two names in one step; false where the system or the disk has no such step."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, TypeError, AttributeError):  # Windows, macOS, an old C library
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(two), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number))


def _sync(folder: Path) -> None:
    """Have everything below a folder written to the disk itself."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            _sync_folder(path)
        elif path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk, where the system can do that."""
    if os.name != "nt":
        number = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # some shared volumes cannot
                os.fsync(number)
        finally:
            os.close(number)
