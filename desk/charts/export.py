"""Charts as files: their numbers as CSV, and a page of its own that draws them anywhere and saves each as a picture."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import plotly.graph_objects as go

from desk.charts.chart import Chart, Rows
from desk.charts.looks import FONT, Look
from desk.words import _, current_language, decimal


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A heading, sentences below it, and charts by the name of their file."""

    heading: str
    sentences: Sequence[str] = ()
    charts: Mapping[str, Chart] = field(default_factory=dict)


def as_csv(rows: Rows) -> bytes:
    """Return rows as CSV, numbers with all their digits."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(rows[0] if rows else ())
    writer.writerows(row.values() for row in rows)
    return written.getvalue().encode("utf-8-sig")


def data_archive(sections: Sequence[ReportSection]) -> bytes:
    """Return a ZIP file with a CSV file for each chart and all sentences in one text file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        said = []
        for section in sections:
            said += [section.heading, *(f"- {sentence}" for sentence in section.sentences), ""]
            for name, chart in section.charts.items():
                archive.writestr(f"{name}.csv", as_csv(chart.table))
                said += [f"{chart.title}: {chart.alternative}", ""]
        archive.writestr("findings.txt", "\n".join(said))
    return written.getvalue()


def report_page(title: str, lead: Sequence[str], sections: Sequence[ReportSection], look: Look) -> bytes:
    """Return an HTML page that needs no network: figures that can be looked into and saved as PNG or SVG, with their
    words and tables."""
    from plotly.offline import get_plotlyjs

    body = "".join(_section(section, look) for section in sections)
    intro = "".join(f"<p>{escape(line)}</p>" for line in lead)
    palette = look.palette
    style = _STYLE.format(
        font=FONT, ground=palette.ground, surface=palette.surface, text=palette.text, muted=palette.muted,
        line=palette.line, accent=palette.accent, on_accent=palette.on_accent,
    )  # fmt: skip
    return (
        f'<!doctype html><html lang="{current_language()}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style>'
        f"<script>{get_plotlyjs()}</script></head><body><main><h1>{escape(title)}</h1>{intro}{body}</main>"
        f"<script>{_SCRIPT}</script></body></html>"
    ).encode()


def on_paper(chart: Chart, look: Look) -> go.Figure:
    """Return a copy of the figure with ground and title of its own, as a picture needs them."""
    figure = go.Figure(chart.figure)
    figure.update_layout(
        paper_bgcolor=look.paper,
        title={"text": f"<b>{escape(chart.title)}</b>", "x": 0.01, "xanchor": "left", "y": 0.985},
    )
    top = figure.layout.margin.t if figure.layout.margin.t is not None else 28
    figure.update_layout(margin={"t": top + 44, "l": 16}, height=(figure.layout.height or 380) + 44)
    return figure


def _section(section: ReportSection, look: Look) -> str:
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in section.sentences)
    drawn = "".join(_drawn(name, chart, look) for name, chart in section.charts.items())
    return f"<section><h2>{escape(section.heading)}</h2>{f'<ul>{said}</ul>' if said else ''}{drawn}</section>"


def _drawn(name: str, chart: Chart, look: Look) -> str:
    drawn = on_paper(chart, look).to_html(
        full_html=False,
        include_plotlyjs=False,
        div_id=f"figure-{name}",
        config={"responsive": True, "displaylogo": False},
    )
    save, data = _("Save as {form}"), _("Data")
    buttons = "".join(
        f'<button type="button" data-figure="figure-{name}" data-form="{form}" data-name="{name}">'
        f"{escape(save.format(form=form.upper()))}</button>"
        for form in ("png", "svg")
    )
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in (chart.table[0] if chart.table else ()))
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(cell))}</td>" for cell in row.values()) + "</tr>"
        for row in chart.table[:200]
    )
    return (
        f'<figure><div role="img" aria-label="{escape(chart.alternative)}">{drawn}</div>'
        f"<figcaption>{escape(chart.alternative)}</figcaption><p>{buttons}</p><details><summary>{escape(data)}</summary>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details></figure>"
    )


def _cell(cell: str | int | float | None) -> str:
    return "–" if cell is None else cell if isinstance(cell, str) else decimal(cell, 4)


_STYLE = """
body {{ margin: 0; background: {ground}; color: {text}; font: 17px/1.5 {font}; }}
main {{ max-width: 1100px; margin: 0 auto; padding: 32px 24px; }}
section {{ background: {surface}; border: 1px solid {line}; border-radius: 12px; padding: 20px 24px; margin: 24px 0; }}
figure {{ margin: 24px 0; }} figcaption {{ color: {muted}; }}
button {{ font: inherit; padding: 6px 14px; margin-right: 8px; border: 0; border-radius: 8px; background: {accent};
  color: {on_accent}; }}
button:focus-visible, summary:focus-visible {{ outline: 3px solid {text}; outline-offset: 2px; }}
table {{ border-collapse: collapse; }} th, td {{ text-align: left; padding: 4px 12px; border-top: 1px solid {line}; }}
"""
_SCRIPT = """
document.addEventListener("click", event => {
  const button = event.target.closest("button[data-figure]");
  if (!button) return;
  const { figure, form, name } = button.dataset;
  Plotly.downloadImage(figure, { format: form, filename: name, width: 1200, height: 675, scale: 2 });
});
"""
