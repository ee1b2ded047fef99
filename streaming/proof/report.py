"""Signed reports: JSON that a promotion can require, and the same as HTML for people."""

from __future__ import annotations

import base64
import html
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from credit.errors import PermanentError, SettingsError


class ReportRefused(PermanentError):
    """The report was altered, or signed with another key: make it anew with `loanstream rehearse`."""


def sign_report(report: dict[str, Any], key_file: Path) -> dict[str, Any]:
    """Return the report with its time and an Ed25519 signature; the key is made at first use, readable by its owner."""
    body = report | {"made_at": datetime.now(UTC).isoformat(timespec="seconds")}
    signature = _private_key(key_file).sign(_canonical(body))
    return {"report": body, "signature": base64.b64encode(signature).decode(), "algorithm": "Ed25519"}


def verify_report(signed: dict[str, Any], key_file: Path) -> dict[str, Any]:
    """Return the report that was signed with this key; raises ReportRefused for any other."""
    from cryptography.exceptions import InvalidSignature

    try:
        body: dict[str, Any] = signed["report"]
        signature = base64.b64decode(signed["signature"], validate=True)
        _private_key(key_file, make=False).public_key().verify(signature, _canonical(body))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        raise ReportRefused("the report was altered or signed with another key; make it anew with rehearse") from None
    return body


def write_report(signed: dict[str, Any], folder: Path, name: str) -> tuple[Path, Path]:
    """Write NAME.json and NAME.html into the folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    as_json, as_html = folder / f"{name}.json", folder / f"{name}.html"
    for path, text in ((as_json, json.dumps(signed, indent=2) + "\n"), (as_html, _page(signed["report"]))):
        partial = path.with_suffix(path.suffix + ".part")
        partial.write_text(text)
        partial.replace(path)
    return as_json, as_html


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _private_key(key_file: Path, make: bool = True) -> Any:
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
    if not make:
        raise ReportRefused(f"{key_file} is not there, so no report can be checked; make the report anew with rehearse")
    made = Ed25519PrivateKey.generate()
    key_file.parent.mkdir(parents=True, exist_ok=True)
    key_file.touch(mode=0o600)
    key_file.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{border:1px solid #ccc;padding:.3rem .7rem;text-align:right}
th{background:#f3f3f3}td:first-child,th:first-child{text-align:left}
"""


def _page(report: dict[str, Any]) -> str:
    flips = report["flips"]
    words = list(flips)
    matrix = "".join(f"<tr><th>{a}</th>" + "".join(f"<td>{flips[a][b]:,}</td>" for b in words) + "</tr>" for a in words)
    head = "".join(f"<th>{b}</th>" for b in words)
    rows = "".join(
        f"<tr><td>{html.escape(name.replace('_', ' '))}</td><td>{html.escape(_shown(value))}</td></tr>"
        for name, value in report.items()
        if name != "flips"
    )
    versions = ", ".join(report["candidate"])
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Rehearsal of version {html.escape(versions)}</title>"
        f"<style>{_STYLE}</style><h1>Rehearsal of version {html.escape(versions)}</h1>"
        f"<p>{report['applications']:,} applications, {report['outcome_flips']:,} of them decided otherwise.</p>"
        f"<h2>Outcomes: taken (rows) and candidate (columns)</h2><table><tr><th></th>{head}</tr>{matrix}</table>"
        f"<h2>All figures</h2><table>{rows}</table></html>\n"
    )


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, dict):
        return "; ".join(f"{k}: {_shown(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_shown(v) for v in value)
    return str(value)
