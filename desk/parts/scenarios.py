"""Scenarios of the page "What if": what was changed, what came of it, kept side by side for the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from desk.application.values import Stored, label, told
from desk.charts.chart import Rows
from desk.parts.outcome import outcome_word
from desk.shown import ShownDecision
from desk.words import _, percent, points

_KEPT: Final = "desk.scenarios"
MOST: Final = 8


@dataclass(frozen=True, slots=True)
class KeptScenario:
    """A named set of changes, with the simulation of it."""

    name: str
    client: int | None
    changes: Mapping[str, Stored]
    result: ShownDecision


def kept_scenarios(client: int | None) -> list[KeptScenario]:
    """Return what was kept for a client, oldest first."""
    kept: list[KeptScenario] = st.session_state.setdefault(_KEPT, [])
    return [one for one in kept if one.client == client]


def keep_scenario(scenario: KeptScenario) -> None:
    """Keep a scenario; one of the same name is replaced, the oldest goes where there are too many."""
    kept: list[KeptScenario] = st.session_state.setdefault(_KEPT, [])
    others = [one for one in kept if (one.client, one.name) != (scenario.client, scenario.name)]
    st.session_state[_KEPT] = [*others, scenario][-MOST:]


def drop_scenarios(client: int | None) -> None:
    """Forget what was kept for a client."""
    st.session_state[_KEPT] = [one for one in st.session_state.get(_KEPT, []) if one.client != client]


def changed_cells(before: Mapping[str, Stored], after: Mapping[str, Stored]) -> dict[str, Stored]:
    """Return the cells of `after` that differ from `before`."""
    return {column: cell for column, cell in after.items() if cell != before.get(column)}


def in_words(before: Mapping[str, Stored], changes: Mapping[str, Stored]) -> list[str]:
    """Return each change as a line."""
    return [
        f"{label(column)}: {told(column, before.get(column))} → {told(column, cell)}"
        for column, cell in changes.items()
    ]


def comparison(before: Mapping[str, Stored], base: ShownDecision, kept: list[KeptScenario]) -> Rows:
    """Return the table that sets scenarios side by side, the application as it is first."""
    rows: Rows = [_row(_("As it is"), "–", base, base)]
    for one in kept:
        rows.append(_row(one.name, "; ".join(in_words(before, one.changes)) or "–", one.result, base))
    return rows


def _row(name: str, changes: str, result: ShownDecision, base: ShownDecision) -> dict[str, str | int | float | None]:
    return {
        _("Scenario"): name,
        _("Changes"): changes,
        _("Outcome"): outcome_word(result.outcome),
        _("Risk of default"): percent(result.probability),
        _("Difference"): points(result.probability - base.probability),
    }
