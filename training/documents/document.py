"""A document of tables and figures, written as Markdown and as one HTML file."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "table{border-collapse:collapse;margin:.8rem 0;font-variant-numeric:tabular-nums}"
    "th,td{padding:.25rem .7rem;border-bottom:1px solid #d5dce3;text-align:right}"
    "th:first-child,td:first-child{text-align:left}img{max-width:100%}h2{margin-top:2.2rem}"
)


@dataclass(frozen=True)
class Table:
    """A table: its heads and rows of cells, which are texts or numbers."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Plot:
    """A drawn figure: a caption and PNG bytes; name: its file beside the Markdown."""

    name: str
    caption: str
    png: bytes


@dataclass(frozen=True)
class Section:
    """A part of the document: paragraphs, then tables and figures in order."""

    title: str
    text: str = ""
    contents: Sequence[Table | Plot] = field(default_factory=tuple)


def cell(value: Any) -> str:
    """Return a cell's text: four decimals for a fraction, none for a whole number, a dash for what is missing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is not itself
        return "–"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 100 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def markdown_table(table: Table) -> str:
    """Return a table in Markdown, numbers to the right."""
    lines = [f"| {' | '.join(table.heads)} |", f"|{'---|' + '---:|' * (len(table.heads) - 1)}"]
    lines += [f"| {' | '.join(cell(value).replace('|', '/') for value in row)} |" for row in table.rows]
    return "\n".join(lines)


def to_markdown(title: str, sections: Sequence[Section], figures: bool = True) -> str:
    """Return the document in Markdown; figures are referred to by file name, or left out."""
    blocks = [f"# {title}"]
    for section in sections:
        blocks.append(f"## {section.title}")
        if section.text:
            blocks.append(section.text)
        blocks.extend(
            markdown_table(content)
            if isinstance(content, Table)
            else f"![{content.caption}]({content.name}.png)\n\n{content.caption}"
            for content in section.contents
            if figures or isinstance(content, Table)
        )
    return "\n\n".join(blocks) + "\n"


def to_html(title: str, sections: Sequence[Section]) -> str:
    """Return the document as one HTML page that needs nothing else; all texts are escaped."""
    body = [f"<h1>{html.escape(title)}</h1>"]
    for section in sections:
        body.append(f"<h2>{html.escape(section.title)}</h2>")
        body += [f"<p>{html.escape(paragraph)}</p>" for paragraph in section.text.split("\n\n") if paragraph]
        for content in section.contents:
            if isinstance(content, Plot):
                data = base64.b64encode(content.png).decode()
                caption = html.escape(content.caption)
                body.append(
                    f'<figure><img alt="{caption}" src="data:image/png;base64,{data}">'
                    f"<figcaption>{caption}</figcaption></figure>"
                )
            else:
                heads = "".join(f"<th>{html.escape(head)}</th>" for head in content.heads)
                rows = "".join(
                    "<tr>" + "".join(f"<td>{html.escape(cell(value))}</td>" for value in row) + "</tr>"
                    for row in content.rows
                )
                body.append(f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
    name = html.escape(title)
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><style>{_STYLE}</style>'
    return f"{head}<body>{''.join(body)}</body></html>\n"


def write_document(folder: Path, stem: str, title: str, sections: Sequence[Section]) -> None:
    """Write STEM.html, STEM.md and the figures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.html").write_text(to_html(title, sections), encoding="utf-8")
    (folder / f"{stem}.md").write_text(to_markdown(title, sections), encoding="utf-8")
    for section in sections:
        for content in section.contents:
            if isinstance(content, Plot):
                (folder / f"{content.name}.png").write_bytes(content.png)


def png(figure: Any) -> bytes:
    """Return a matplotlib figure as PNG bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90, bbox_inches="tight", metadata={"Software": None})
    return buffer.getvalue()
