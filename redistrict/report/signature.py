"""Signatures: who answers for a result, over its manifest and so over every file of it, in the format of minisign.

Ed25519 over the BLAKE2b digest of `manifest.json`, so that `minisign -V` can check it as well as we can. Source of the
format: jedisct1.github.io/minisign, "Signature format" and "Public key format". The secret key is a PKCS 8 file.
"""

import hashlib
import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from redistrict.errors import DataError, OutputError
from redistrict.messages import Message
from redistrict.report.swap import MANIFEST, SIGNATURE

_PURE, _PREHASHED = b"Ed", b"ED"


def make_keys(secret: Path, passphrase: str) -> Path:
    """Write a new secret key, and beside it the public one, `NAME.pub`, which is given.

    Parameters
    ----------
    secret : Path
    passphrase : str
        What the secret key is encrypted with; empty: it is not.

    Raises
    ------
    OutputError
        If one of the files exists or cannot be written.
    """
    public = secret.with_suffix(".pub")
    key = Ed25519PrivateKey.generate()
    locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    number = key.public_key().public_bytes_raw()
    text = f"untrusted comment: redistrict public key {_name(number)}\n{_base64(_PURE + _identify(number) + number)}\n"
    try:
        _write_new(public, text.encode(), mode=0o644)
        _write_new(secret, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked), mode=0o600)
    except OSError as error:
        raise OutputError(
            Message(
                f"{error.filename} cannot be made ({error.strerror}); a key is never replaced: give another name.",
                f"无法新建 {error.filename}（{error.strerror}）；密钥不会被覆盖，请换一个名称。",
            )
        ) from error
    return public


def read_key(path: Path, ask: Callable[[], str]) -> Ed25519PrivateKey:
    """Read a secret key; `ask` gives its passphrase where it has one.

    Raises
    ------
    DataError
        If the file is no Ed25519 key, or the passphrase is wrong.
    """
    try:
        text = path.read_bytes()
        try:
            key = load_pem_private_key(text, None)
        except TypeError:  # encrypted
            key = load_pem_private_key(text, ask().encode())
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise DataError(
            Message(
                f"{path} cannot be read as a secret key, or the passphrase is wrong; make one by `redistrict keys`.",
                f"无法把 {path} 作为私钥读取，或口令不正确；可用 redistrict keys 生成密钥。",
            )
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DataError(Message(f"{path} is no Ed25519 key.", f"{path} 不是 Ed25519 密钥。"))
    return key


def sign_manifest(folder: Path, key: Ed25519PrivateKey, comment: str) -> Path:
    """Write a key's signature of a folder's manifest beside it, in place of an earlier one of that key.

    Raises `OSError` if it cannot be written.
    """
    number = key.public_key().public_bytes_raw()
    told = "".join(letter if letter.isprintable() or letter == "\t" else " " for letter in comment)
    own = key.sign(hashlib.blake2b((folder / MANIFEST).read_bytes()).digest())
    lines = (
        f"untrusted comment: signature of {MANIFEST} by key {_name(number)}",
        _base64(_PREHASHED + _identify(number) + own),
        f"trusted comment: {told}",
        _base64(key.sign(own + told.encode())),
    )
    path = folder / SIGNATURE.format(_name(number))
    aside = path.with_suffix(".new")
    aside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return aside.replace(path)


def _identify(public: bytes) -> bytes:
    """Give the eight bytes a key goes by: minisign draws them by lot, here they follow from the key."""
    return hashlib.blake2b(public, digest_size=8).digest()


def _name(public: bytes) -> str:
    """Write them as minisign does, the last byte first."""
    return _identify(public)[::-1].hex().upper()


def _base64(content: bytes) -> str:
    return b64encode(content).decode()


def _write_new(path: Path, content: bytes, *, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
