"""Draws an application as a form, and remembers what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from desk.application.checks import Fault, application_of, faults_of, number_of
from desk.application.fields import FIELDS, GROUPS, FieldSpec
from desk.application.values import Seen, Stored
from desk.client.errors import ApiFault
from desk.client.model import CatalogRecord, ModelClient
from desk.parts.card import card
from desk.parts.deciding import decide_now
from desk.parts.errors import show_fault
from desk.parts.remembered import remembered
from desk.parts.subject import DeskSubject, choose
from desk.session import DeskSession
from desk.words import _
from desk.words.categories import category_word

_VALUES: Final = "desk.form"
_OTHERS: Final = "desk.form.others"
_MOST_CLIENT: Final = 2**53 - 1  # the largest whole number of a browser


def draw_form(desk: DeskSession) -> None:
    """Draw the form for an application that is not on file: decide it, or try it without a trace."""
    with card("form", _("A new application"), _("Fields with * are needed; the rest may be left empty.")):
        known = _kept().get("client")
        client = st.number_input(
            _("Client number *"),
            min_value=1,
            max_value=_MOST_CLIENT,
            value=None if known is None else int(known),
            step=1,
            key="form-client",
            help=_("The number under which the bank knows the applicant; one on file brings its history along."),
        )
        _keep("client", client)
        values: dict[str, Seen] = {}
        for group, specs in GROUPS.items():
            st.html(f'<h3 class="group">{_(group)}</h3>')
            columns = st.columns(2, gap="medium")
            for place, spec in enumerate(specs):
                with columns[place % 2]:
                    values[spec.column] = draw_field(spec, _kept().get(spec.column, spec.default), "form")
                    _keep(spec.column, values[spec.column])
        others = _draw_others(desk)
        with st.container(horizontal=True):
            decide = st.button(_("Decide this application"), type="primary", icon=":material/gavel:", key="form-decide")
            attempt = st.button(_("Try it without deciding"), icon=":material/science:", key="form-try")
        if decide or attempt:
            _submit(desk, client, values, others, decide=decide)


def draw_field(spec: FieldSpec, value: Seen, where: str) -> Seen:
    """Draw one field's widget and return what it holds, in the unit that is shown."""
    name = _(spec.label) + (" *" if spec.required else "")
    key, help_text = f"{where}-{spec.column}", _(spec.help) if spec.help else None
    if spec.kind in ("choice", "flag", "text_flag"):
        options = list(spec.choices) if spec.kind == "choice" else ["yes", "no"]
        if isinstance(value, str) and value not in options:
            options.append(value)
        chosen: str | None = st.selectbox(
            name,
            options,
            options.index(value) if isinstance(value, str) else None,
            format_func=category_word,
            key=key,
            help=help_text,
            placeholder=_("not stated"),
        )
        return chosen
    form = {"amount": "%.0f", "score": "%.3f", "years": "%.1f", "count": "%.0f"}[spec.kind]
    number: float | None = st.number_input(
        name,
        value=None if value is None else float(value),
        step=float(spec.step),
        format=form,
        key=key,
        help=help_text,
        placeholder=_("not stated"),
    )
    return number


def _draw_others(desk: DeskSession) -> dict[str, Stored]:
    """Draw any other known column that somebody wants to give, one by one."""
    others: dict[str, Stored] = st.session_state.setdefault(_OTHERS, {})
    with st.expander(_("Other columns ({count} given)").format(count=len(others)), icon=":material/more_horiz:"):
        try:
            catalog = remembered("catalog", lambda: ModelClient(desk.api).catalog(), 600)
        except ApiFault as fault:
            show_fault(fault, retry=False)
            return others
        known = {one.name: one for one in catalog.columns if one.name not in FIELDS and one.name != "SK_ID_CURR"}
        chosen = st.multiselect(
            _("Columns"), list(known), list(others), key="form-others", placeholder=_("choose by name")
        )
        given: dict[str, Stored] = {}
        for name in chosen:
            given[name] = _other(catalog, name, others.get(name))
        st.session_state[_OTHERS] = given
    return {name: cell for name, cell in given.items() if cell is not None}


def _other(catalog: CatalogRecord, name: str, value: Stored) -> Stored:
    column = next(one for one in catalog.columns if one.name == name)
    if column.categories:
        place = column.categories.index(str(value)) if value in column.categories else None
        chosen: str | None = st.selectbox(
            name, column.categories, place, format_func=category_word, key=f"other-{name}", help=column.description
        )
        return chosen
    number: float | None = st.number_input(
        name, value=None if value is None else float(value), key=f"other-{name}", help=column.description
    )
    return number


def _submit(
    desk: DeskSession, client: int | None, values: Mapping[str, Seen], others: Mapping[str, Stored], *, decide: bool
) -> None:
    faults: list[Fault] = faults_of(values)
    if client is None:
        faults.insert(0, ("SK_ID_CURR", _("Client number: fill this in, nothing can be decided without it.")))
    if faults or client is None:
        lines = "\n".join(f"- {words}" for _column, words in faults)
        st.error(_("Please correct this, nothing was sent:") + f"\n{lines}", icon=":material/error:")
        return
    application = application_of(client, values, others)
    if not decide:
        choose(DeskSubject(client, None, application))
        st.rerun()
    if decide_now(desk, application, number_of(application)):
        for name in (_VALUES, _OTHERS):
            st.session_state.pop(name, None)
        st.rerun()


def _kept() -> dict[str, Seen]:
    kept: dict[str, Seen] = st.session_state.setdefault(_VALUES, {})
    return kept


def _keep(name: str, value: Seen) -> None:
    _kept()[name] = value
