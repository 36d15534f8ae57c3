"""Signatures as the judge reads them, written here by hand from the description of minisign's format."""

import hashlib
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from redistrict.errors import DataError
from redistrict.judge import judge_signature

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME, OTHER = b"12345678", b"87654321"
BY_KEY = "signature of manifest.json by key 3837363534333231"
STAMPED = "timestamp:1764115200\tsigned by:民政局"


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """Give a folder with a manifest."""
    (tmp_path / "manifest.json").write_bytes(b"{}")
    return tmp_path


def write_key(folder: Path, content: bytes | None = None) -> Path:
    """Write a public key file, with other content than the key's if given."""
    content = b"Ed" + NAME + PRIVATE.public_key().public_bytes_raw() if content is None else content
    (folder / "office.pub").write_bytes(b"untrusted comment: key\n" + b64encode(content) + b"\n")
    return folder / "office.pub"


def write_signature(folder: Path, told: str = STAMPED, *, kind: bytes = b"ED", name: bytes = NAME) -> None:
    """Sign the manifest."""
    signature = PRIVATE.sign(hashlib.blake2b((folder / "manifest.json").read_bytes()).digest())
    of_comment = b64encode(PRIVATE.sign(signature + told.encode())).decode()
    own = b64encode(kind + name + signature).decode()
    text = f"untrusted comment: signature\n{own}\ntrusted comment: {told}\n{of_comment}\n"
    (folder / f"manifest.json.{name.decode()}.minisig").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (STAMPED, "signed by 民政局, 2025-11-26 00:00 UTC"),
        ("timestamp:99999999999\tsigned by:a", "signed by a, 5138-11-16 09:46 UTC"),
        ("timestamp:999999999999\tsigned by:a", "signed by a, ?"),
        ("timestamp:soon", "signed by ?, ?"),
    ],
)
def test_a_signature_says_who_and_when(result: Path, told: str, said: str) -> None:
    """What the comment, which is signed as well, does not say, or says beyond any date, is a question mark."""
    write_signature(result, told)
    verdict = judge_signature(result, write_key(result))
    assert [note.en.partition(";")[0] for note in verdict.notes] == [said]
    assert verdict.ok


def test_only_a_signature_by_this_key_counts(result: Path) -> None:
    """One of another kind or another key's name is not there; a file that is no signature neither."""
    key = write_key(result)
    (result / "manifest.json.x.minisig").write_text("untrusted comment: x\nQQ==\n", encoding="utf-8")
    write_signature(result, name=OTHER)
    write_signature(result, kind=b"Ed")
    (violation,) = judge_signature(result, key).violations
    assert (violation.rule, violation.found) == ("signature", "is not there")
    write_signature(result)
    assert judge_signature(result, key).ok
    (result / "manifest.json").write_bytes(b"{ }")
    (violation,) = judge_signature(result, key).violations
    assert violation.found == "does not fit"


@pytest.mark.parametrize(
    ("before", "after", "holds"),
    [
        ("untrusted comment: ", "untrusted comment: countersigned, ", True),
        ("\ntrusted", "\ncountersigned\ntrusted", False),
        ("\ntrusted comment: ", "\n", False),
        ("\n", "\r\n", False),
    ],
)
def test_a_signature_file_has_four_lines(result: Path, before: str, after: str, *, holds: bool) -> None:
    """No line more, none in another form; the first, which nobody signs, is told of where it is not as we write it."""
    key = write_key(result)
    write_signature(result)
    path = result / f"manifest.json.{NAME.decode()}.minisig"
    text = path.read_text(encoding="utf-8").replace("comment: signature", f"comment: {BY_KEY}")
    path.write_text(text, encoding="utf-8", newline="")
    assert judge_signature(result, key).not_checked == ()
    path.write_text(text.replace(before, after), encoding="utf-8", newline="")
    verdict = judge_signature(result, key)
    assert verdict.ok == holds
    assert [one.en for one in verdict.not_checked] == [f"the first line of {path.name}, which nobody signs"] * holds


def test_signatures_of_other_keys_are_not_checked(result: Path) -> None:
    """Whoever else has signed, by a file of any text, nobody has looked at."""
    key = write_key(result)
    write_signature(result)
    (result / "manifest.json.mayor.minisig").write_text("signed by the mayor\n", encoding="utf-8")
    assert "the signature manifest.json.mayor.minisig" in judge_signature(result, key).not_checked[0].en


@pytest.mark.parametrize("content", [b"", b"Ed" + NAME, b"ED" + bytes(40), b"Ed" + bytes(41)])
def test_what_is_no_public_key_is_refused(result: Path, content: bytes) -> None:
    """A key begins with its kind and has its length."""
    with pytest.raises(DataError, match=r"office\.pub is no public key"):
        judge_signature(result, write_key(result, content))
