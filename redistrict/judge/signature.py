"""Signatures of a result: whether the holder of a key has signed the manifest as it is.

By the format of minisign, read here from its description (jedisct1.github.io/minisign): Ed25519 over a BLAKE2b digest.
"""

import hashlib
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from redistrict.errors import DataError
from redistrict.judge.inventory import show
from redistrict.judge.manifest import NAME, list_signatures
from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message

_SIZES = {"key": 2 + 8 + 32, "signature": 2 + 8 + 64, "comment": 64}
_TOLD = "trusted comment: "


def judge_signature(folder: Path, key: Path | None) -> Verification:
    """Say who has signed a result by this key; without one, which signatures were not looked at.

    Parameters
    ----------
    key : Path or None
        A public key as `redistrict keys` or minisign writes it.

    Raises
    ------
    DataError
        If `key` is no such file.
    """
    signatures = list_signatures(folder)
    if key is None:
        return Verification((), not_checked=tuple(map(_say_not_checked, signatures)))
    identity, public = _read_key(key)
    own = [
        (path, parts) for path in signatures if (parts := _read_signature(path)) is not None and parts.key == identity
    ]
    for path, parts in own:
        try:
            public.verify(parts.signature, hashlib.blake2b((folder / NAME).read_bytes()).digest())
            public.verify(parts.of_comment, parts.signature + parts.told.encode())
        except (InvalidSignature, OSError):
            continue
        others = [_say_not_checked(other) for other in signatures if other != path]
        heads = [] if parts.untrusted == _head(identity) else [_say_head(path)]
        return Verification((), notes=(_say_signed(parts.told),), not_checked=(*others, *heads))
    found = Message("does not fit", "与之不符") if own else Message("is not there", "不存在")
    message = Message(
        f"The signature of {NAME} by the key {key.name} {found.en}: nobody with that key answers for these files.",
        f"密钥 {key.name} 对 {NAME} 的签名{found.zh}：持有该密钥者并未对这些文件负责。",
    )
    return Verification((Violation("signature", None, (), found.en, "a signature that fits", message),))


def _read_key(path: Path) -> tuple[bytes, Ed25519PublicKey]:
    """Give the name and the number of a public key."""
    try:
        content = b64decode(path.read_text(encoding="utf-8").split("\n")[1], validate=True)
        if len(content) != _SIZES["key"] or content[:2] != b"Ed":
            raise ValueError(path)
        return content[2:10], Ed25519PublicKey.from_public_bytes(content[10:])
    except (OSError, ValueError, IndexError) as error:
        raise DataError(
            Message(
                f"{path} is no public key: give the file NAME.pub that `redistrict keys` wrote.",
                f"{path} 不是公钥文件；请指定 redistrict keys 生成的 NAME.pub。",
            )
        ) from error


class _Signature(NamedTuple):
    """What a signature file says: a line that nobody vouches for, key, signature, comment and signature of both."""

    untrusted: str
    key: bytes
    signature: bytes
    told: str
    of_comment: bytes


def _read_signature(path: Path) -> _Signature | None:
    """Read a file of just four lines."""
    try:
        untrusted, own, told, of_comment, end = path.read_bytes().decode("utf-8").split("\n")
        signature, second = b64decode(own, validate=True), b64decode(of_comment, validate=True)
    except (OSError, ValueError):
        return None
    sizes = (len(signature), len(second)) == (_SIZES["signature"], _SIZES["comment"])
    if not sizes or signature[:2] != b"ED" or not told.startswith(_TOLD) or end:
        return None
    return _Signature(untrusted, signature[2:10], signature[10:], told.removeprefix(_TOLD), second)


def _head(identity: bytes) -> str:
    """Give the first line as `redistrict sign` writes it: the key by its bytes, the last first."""
    return f"untrusted comment: signature of {NAME} by key {identity[::-1].hex().upper()}"


def _say_signed(told: str) -> Message:
    """Say who signed, and when, by what the comment, which is signed as well, says."""
    facts = dict(part.partition(":")[::2] for part in told.split("\t"))
    stamp = facts.get("timestamp", "")
    day = (
        datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d %H:%M UTC")
        if stamp.isdecimal() and len(stamp) < 12
        else "?"
    )
    who = facts.get("signed by", "?")
    return Message(f"signed by {who}, {day}; {NAME} is as it was then.", f"{who} 于 {day} 签名；{NAME} 此后未变。")


def _say_not_checked(path: Path) -> Message:
    name = show(path.name)
    return Message(f"the signature {name}: give its public key by --key", f"签名 {name}：请用 --key 指定其公钥")


def _say_head(path: Path) -> Message:
    name = show(path.name)
    return Message(f"the first line of {name}, which nobody signs", f"{name} 的首行（不在签名范围内）")
