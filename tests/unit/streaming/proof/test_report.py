"""Signed reports."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from credit.errors import SettingsError
from streaming.proof.report import ReportRefused, read_report, sign_report, write_report
from tests.fixtures.rehearsals import rehearsal_report


def test_what_was_signed_is_read_back(tmp_path: Path) -> None:
    """Every figure as it was, with the time of its signature; the key is the owner's alone."""
    key, report = tmp_path / "keys" / "rehearsal.key", rehearsal_report()
    file, _ = write_report(sign_report(report, key), tmp_path, "rehearsal")
    read = read_report(file, key)
    assert read.made_at is not None
    assert read.model_copy(update={"made_at": None}) == report
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def altered(document: dict[str, Any]) -> None:
    document["report"]["outcome_flips"] = 0


def extended(document: dict[str, Any]) -> None:
    document["report"]["note"] = "nothing to see here"


def unsigned(document: dict[str, Any]) -> None:
    del document["signature"]


@pytest.mark.parametrize("change", [altered, extended, unsigned])
def test_an_altered_report_is_refused(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Any figure changed after signing, anything added, or no signature."""
    key = tmp_path / "rehearsal.key"
    file, _ = write_report(sign_report(rehearsal_report(), key), tmp_path, "rehearsal")
    document = json.loads(file.read_bytes())
    change(document)
    file.write_text(json.dumps(document))
    with pytest.raises(ReportRefused, match="altered"):
        read_report(file, key)


def test_another_key_and_no_key_are_refused(tmp_path: Path) -> None:
    """A report counts only for whoever holds the key that signed it; reading makes none."""
    file, _ = write_report(sign_report(rehearsal_report(), tmp_path / "key"), tmp_path, "rehearsal")
    sign_report(rehearsal_report(), tmp_path / "other")
    with pytest.raises(ReportRefused, match="another key"):
        read_report(file, tmp_path / "other")
    with pytest.raises(ReportRefused, match="is not there"):
        read_report(file, tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("text", [None, "not json", "[]"])
def test_what_is_no_report_says_so(tmp_path: Path, text: str | None) -> None:
    """A file that is not there, holds no JSON, or holds JSON of something else."""
    key, file = tmp_path / "key", tmp_path / "report.json"
    sign_report(rehearsal_report(), key)
    if text is not None:
        file.write_text(text)
    with pytest.raises(ReportRefused if text == "[]" else SettingsError):
        read_report(file, key)
