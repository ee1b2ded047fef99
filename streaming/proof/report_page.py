"""A rehearsal's report as one page of HTML."""

from __future__ import annotations

import html

from credit.rehearsal import RehearsalReport

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{border:1px solid #ccc;padding:.3rem .7rem;text-align:right}
th{background:#f3f3f3}td:first-child,th:first-child{text-align:left}
"""


def report_page(report: RehearsalReport) -> str:
    """Return the page: how many were decided otherwise, from which outcome to which, and all figures."""
    flips = report.flips
    words = list(flips)
    matrix = "".join(f"<tr><th>{a}</th>" + "".join(f"<td>{flips[a][b]:,}</td>" for b in words) + "</tr>" for a in words)
    head = "".join(f"<th>{b}</th>" for b in words)
    rows = "".join(
        f"<tr><td>{html.escape(name.replace('_', ' '))}</td><td>{html.escape(_shown(value))}</td></tr>"
        for name, value in report.as_json().items()
        if name != "flips"
    )
    versions = html.escape(", ".join(report.candidate))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Rehearsal of version {versions}</title>"
        f"<style>{_STYLE}</style><h1>Rehearsal of version {versions}</h1>"
        f"<p>{report.applications:,} applications, {report.outcome_flips:,} of them decided otherwise.</p>"
        f"<h2>Outcomes: taken (rows) and candidate (columns)</h2><table><tr><th></th>{head}</tr>{matrix}</table>"
        f"<h2>All figures</h2><table>{rows}</table></html>\n"
    )


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, dict):
        return "; ".join(f"{k}: {_shown(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_shown(v) for v in value)
    return str(value)
