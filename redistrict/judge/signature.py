"""Signatures of a result: whether the holder of a key has signed the manifest as it is.

By the format of minisign, read here from its description (jedisct1.github.io/minisign): Ed25519 over a BLAKE2b digest.
"""

import hashlib
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from redistrict.errors import DataError
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
    own = [parts for path in signatures if (parts := _read_signature(path)) is not None and parts[0] == identity]
    for _, signature, told, of_comment in own:
        try:
            public.verify(signature, hashlib.blake2b((folder / NAME).read_bytes()).digest())
            public.verify(of_comment, signature + told.encode())
        except (InvalidSignature, OSError):
            continue
        return Verification((), notes=(_say_signed(told),))
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


def _read_signature(path: Path) -> tuple[bytes, bytes, str, bytes] | None:
    """Give the key's name, the signature, the comment and the signature of both."""
    try:
        _, own, told, of_comment, *_ = path.read_text(encoding="utf-8").split("\n")
        signature, second = b64decode(own, validate=True), b64decode(of_comment, validate=True)
    except (OSError, ValueError):
        return None
    fits = (len(signature), len(second)) == (_SIZES["signature"], _SIZES["comment"]) and signature[:2] == b"ED"
    return (signature[2:10], signature[10:], told.removeprefix(_TOLD), second) if fits else None


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
    return Message(f"the signature {path.name}: give the public key by --key", f"签名 {path.name}：请用 --key 指定公钥")
