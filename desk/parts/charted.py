"""Shows a chart: the picture, its words for who does not see it, and its data as a plain table with export."""

from __future__ import annotations

from typing import Final

import streamlit as st

from desk.charts.chart import Cell, Chart, Rows
from desk.charts.export import as_csv
from desk.parts.html import escape
from desk.words import _, decimal, number

_CONFIG: Final = {"displaylogo": False, "displayModeBar": "hover", "modeBarButtonsToRemove": ["select2d", "lasso2d"]}
_MOST_ROWS: Final = 200


def show_chart(chart: Chart, key: str, *, data: bool = True) -> None:
    """Draw a chart; key: unique on the page, names the files of its export; data: with its table below."""
    config = _CONFIG | {"toImageButtonOptions": {"filename": key, "format": "png", "scale": 2}}
    st.plotly_chart(chart.figure, theme=None, key=key, config=config, alt=chart.alternative)
    if not data:
        st.html(f'<p class="unseen">{escape(chart.alternative)}</p>')
        return
    with st.expander(_("Data and description"), icon=":material/table_view:"):
        st.write(chart.alternative)
        st.html(plain_table(chart.table, chart.title))
        st.download_button(
            _("Download the data (CSV)"),
            as_csv(chart.table),
            f"{key}.csv",
            "text/csv",
            key=f"{key}-csv",
            icon=":material/download:",
            on_click="ignore",
        )


def plain_table(rows: Rows, caption: str = "") -> str:
    """Return rows as an HTML table that a keyboard and a screen reader go through; its first rows where it is long."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in (rows[0] if rows else ()))
    body = "".join("<tr>" + "".join(map(_cell, row.values())) + "</tr>" for row in rows[:_MOST_ROWS])
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    rest, name = "", caption or _("Data")
    if len(rows) > _MOST_ROWS:
        more = _("{count} more rows are in the download.").format(count=number(len(rows) - _MOST_ROWS))
        rest = f'<p class="small">{escape(more)}</p>'
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{escape(name)}"><table>{said}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{rest}"
    )


def _cell(cell: Cell) -> str:
    if cell is None:
        return '<td class="none">–</td>'
    if isinstance(cell, str):
        return f"<td>{escape(cell)}</td>"
    return f'<td class="figure">{escape(decimal(cell, 4))}</td>'
