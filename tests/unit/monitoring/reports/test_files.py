"""Finished reports in their folder."""

from __future__ import annotations

import os
import time
from pathlib import Path

from monitoring.reports.files import ReportFolder


def test_reports_are_bounded_in_number_and_age(tmp_path: Path) -> None:
    """The newest three stay, unless they are older than a day."""
    held = ReportFolder(tmp_path, keep=3, keep_days=1.0)
    for i in range(5):
        for suffix in ("json", "html"):
            (tmp_path / f"drift-2026010{i}T000000-v1.{suffix}").write_text(
                '{"columns": [], "current_rows": 0, "drifted": 0}'
            )
    held.prune()
    assert [r.name[6:14] for r in held.reports()] == ["20260104", "20260103", "20260102"]
    old = time.time() - 2 * 86400
    os.utime(tmp_path / "drift-20260104T000000-v1.json", (old, old))
    held.prune()
    assert len(list(tmp_path.glob("*.html"))) == 2
