"""Sign: a finished result judged again, and its manifest signed by whoever answers for it."""

import time
from collections.abc import Callable
from pathlib import Path

from redistrict.errors import OutputError, VerificationError
from redistrict.jobs.verify import verify
from redistrict.judge.verification import Verification
from redistrict.report.delivery import cannot_write
from redistrict.report.run_log import logged, who
from redistrict.report.signature import make_keys, read_key, sign_manifest

__all__ = ["make_keys", "sign"]


def sign(
    result_dir: Path, *, key: Path, ask: Callable[[], str] = str, name: str | None = None
) -> tuple[Path, Verification]:
    """Judge a result again, and sign its manifest.

    Parameters
    ----------
    key : Path
        Secret key, as `make_keys` writes it.
    ask : callable
        Gives the passphrase, where the key has one.
    name : str, optional
        Who signs, as the signature says; by default the user and the machine.

    Returns
    -------
    Path, Verification
        The signature, and what was judged and what was not before it was given.

    Raises
    ------
    DataError, OutputError
        If the key or the result cannot be read, or the signature cannot be written.
    VerificationError
        If the judge refuses the result.
    """
    secret = read_key(key, ask)
    verdict = verify(result_dir)
    if not verdict.ok:
        raise VerificationError([violation.message for violation in verdict.violations])
    signer = name or who()
    comment = f"timestamp:{int(time.time())}\tresult:{result_dir.resolve().name}\tsigned by:{signer}"
    with logged("sign", result_dir) as end:
        try:
            signature = sign_manifest(result_dir, secret, comment)
        except OSError as error:
            raise OutputError(cannot_write(result_dir, error)) from error
        end |= {"signer": signer, "signature": signature.name}
    return signature, verdict
