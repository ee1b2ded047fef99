"""Signed reports of rehearsals: JSON that a promotion can require, and the same as HTML for people."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from credit.errors import PermanentError, SettingsError
from credit.rehearsal import RehearsalReport
from streaming.proof.report_page import report_page

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class ReportRefused(PermanentError):
    """The report was altered, or signed with another key: make it anew with `loanstream rehearse`."""


class SignedReport(BaseModel):
    """A report with its signature over the report's JSON, keys sorted and without spaces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    report: RehearsalReport
    signature: str = Field(description="Base64.")
    algorithm: Literal["Ed25519"] = "Ed25519"


def sign_report(report: RehearsalReport, key_file: Path) -> SignedReport:
    """Return the report with its time and an Ed25519 signature; the key is made at first use, readable by its owner."""
    dated = report.model_copy(update={"made_at": datetime.now(UTC).replace(microsecond=0)})
    signature = _private_key(key_file).sign(_canonical(dated.as_json()))
    return SignedReport(report=dated, signature=base64.b64encode(signature).decode())


def read_report(file: Path, key_file: Path) -> RehearsalReport:
    """Return the report in a file, as it was signed with this key.

    Raises SettingsError where the file is not there or no JSON, and ReportRefused where it was altered or signed with
    another key.
    """
    from cryptography.exceptions import InvalidSignature

    try:
        signed: Any = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} is no report ({error}): name the JSON that `loanstream rehearse` wrote") from None
    try:
        # What is checked is what stands in the file, before anything is read into it.
        signature = base64.b64decode(signed["signature"], validate=True)
        _private_key(key_file, create=False).public_key().verify(signature, _canonical(signed["report"]))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        raise ReportRefused("the report was altered or signed with another key; make it anew with rehearse") from None
    try:
        return SignedReport.model_validate(signed).report
    except ValidationError:
        raise ReportRefused(
            "the report was written by another version of Loanstream; make it anew with rehearse"
        ) from None


def write_report(signed: SignedReport, folder: Path, name: str) -> tuple[Path, Path]:
    """Write NAME.json and NAME.html into the folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {**signed.model_dump(mode="json"), "report": signed.report.as_json()}
    as_json, as_html = folder / f"{name}.json", folder / f"{name}.html"
    for path, text in ((as_json, json.dumps(document, indent=2) + "\n"), (as_html, report_page(signed.report))):
        partial = path.with_suffix(path.suffix + ".part")
        partial.write_text(text)
        partial.replace(path)
    return as_json, as_html


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _private_key(key_file: Path, create: bool = True) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    if key_file.exists():
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingsError(f"{key_file} is no Ed25519 key; remove it, or name another")
        return key
    if not create:
        raise ReportRefused(f"{key_file} is not there, so no report can be checked; make the report anew with rehearse")
    generated = Ed25519PrivateKey.generate()
    key_file.parent.mkdir(parents=True, exist_ok=True)
    key_file.touch(mode=0o600)
    key_file.write_bytes(generated.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return generated
