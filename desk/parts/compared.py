"""Draws a client among others: the place of each value, spreads, two features at once, and boxes by segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from desk.application.fields import FIELDS
from desk.application.values import Stored
from desk.charts.comparing import box_by_segment, percentile_strip, two_features
from desk.charts.distributions import distribution
from desk.charts.looks import look_of
from desk.client.model import CatalogRecord, ModelClient, NearestRecord, SampleRecord, Value
from desk.parts.card import card
from desk.parts.charted import show_chart
from desk.parts.feature_names import catalog_of, names_of, readable
from desk.parts.remembered import remembered
from desk.parts.subject import DeskSubject
from desk.session import DeskSession
from desk.words import _, number, percent

_NEAR_BY: Final = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL", "DAYS_EMPLOYED")
_FIRST_SHOWN: Final = (
    "AMT_CREDIT", "AMT_INCOME_TOTAL", "AMT_ANNUITY", "AMT_GOODS_PRICE", "DAYS_EMPLOYED", "DAYS_BIRTH",
    "EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "CNT_CHILDREN",
)  # fmt: skip
_SEGMENTS: Final = (
    "NAME_EDUCATION_TYPE", "NAME_INCOME_TYPE", "NAME_HOUSING_TYPE", "NAME_CONTRACT_TYPE", "OCCUPATION_TYPE",
)  # fmt: skip
_MOST: Final = 16


@dataclass(frozen=True, slots=True)
class Comparison:
    """A client beside all of the sample and beside those who are like it, in the units that people read."""

    every: SampleRecord
    near: NearestRecord
    client: Mapping[str, Value]
    names: Mapping[str, str]
    units: Mapping[str, str | None]

    @property
    def places(self) -> dict[str, float | None]:
        """Each value's share of applicants below; days count back, so fewer of them are more years."""
        return {
            column: None
            if share is None or self.client.get(column) is None
            else 1 - share
            if self.units.get(column) == "days"
            else share
            for column, share in self.near.percentiles.items()
        }

    def groups(self, column: str) -> dict[str, Sequence[Value]]:
        """Return a column's values by the groups that charts compare."""
        values = self.every.columns[column]
        of: dict[str, Sequence[Value]] = {
            outcome: [value for value, proposed in zip(values, self.every.outcome, strict=True) if proposed == outcome]
            for outcome in ("approve", "decline")
        }
        return {"all": values, "similar": self.near.columns[column], **of}

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""
        return not any(isinstance(value, str) for value in (*self.every.columns[column], self.client.get(column)))


def comparable(catalog: CatalogRecord) -> dict[str, str | None]:
    """Return the columns in which clients may be compared, those first that people ask for, with their units."""
    units = {one.name: one.unit for one in catalog.columns if not one.protected}
    first = [name for name in (*_FIRST_SHOWN, *_SEGMENTS) if name in units]
    others = sorted(name for name in units if name in FIELDS and name not in first)
    return {name: units[name] for name in (*first, *others)}


def choose_nearness(catalog: CatalogRecord) -> list[str]:
    """Draw the choice of what makes clients similar."""
    names, units = names_of(catalog), comparable(catalog)
    return st.multiselect(
        _("Similar in"),
        list(units),
        [name for name in _NEAR_BY if name in units],
        format_func=lambda one: names.get(one, one),
        max_selections=6,
        key="compared-by",
        help=_("Clients count as similar who are nearest in these."),
    )


def comparison_of(
    desk: DeskSession, subject: DeskSubject, application: Mapping[str, Stored], by: list[str]
) -> Comparison:
    """Ask for the sample and the client's neighbours. Raises ApiFault."""
    catalog, model = catalog_of(desk), ModelClient(desk.api)
    units = comparable(catalog)
    columns = list(units)[:_MOST]
    columns = [*(name for name in by if name not in columns), *columns][:_MOST]
    every = remembered(f"sample-{','.join(columns)}", lambda: model.sample(columns), 300)
    client = None if subject.typed is not None else subject.client
    show = [name for name in columns if name not in by]
    near = remembered(
        f"near-{client}-{hash(str(subject.typed))}-{','.join(by)}",
        lambda: model.similar(client, application, by, show),
        120,
    )
    return Comparison(
        every.model_copy(update={"columns": {c: readable(c, v, units.get(c)) for c, v in every.columns.items()}}),
        near.model_copy(update={"columns": {c: readable(c, v, units.get(c)) for c, v in near.columns.items()}}),
        {column: readable(column, [cell], units.get(column))[0] for column, cell in near.client.items()},
        names_of(catalog),
        units,
    )


def draw_places(desk: DeskSession, told: Comparison) -> None:
    """Draw the place of each of the client's values among all, and how its neighbours fare."""
    with card("places", _("Place among all applicants"), neighbours_in_words(told.near)):
        show_chart(percentile_strip(told.places, told.client, told.names, look=look_of(desk.theme)), "places")


def neighbours_in_words(near: NearestRecord) -> str:
    """Return how the nearest applicants fare."""
    count = len(near.outcome)
    if not count:
        return _("Nobody in the sample is like this client.")
    said = _("Of the {count} applicants most like this one, {approved} would be approved.").format(
        count=number(count), approved=percent(near.outcome.count("approve") / count, 0)
    )
    if near.defaulted:
        said += " " + _("{defaulted} of them defaulted.").format(defaulted=percent(sum(near.defaulted) / count))
    return said


def draw_spread(desk: DeskSession, told: Comparison) -> None:
    """Draw how one column is spread over the groups."""
    with card("spread", _("One value among the groups"), _("All, similar, approved and declined applicants.")):
        column = _choose(told, _("Value"), list(told.every.columns), "spread-column")
        show_chart(
            distribution(
                told.names.get(column, column), told.groups(column), told.client.get(column), look=look_of(desk.theme)
            ),
            "spread",
        )


def draw_two(desk: DeskSession, told: Comparison) -> None:
    """Draw any two numbers at once."""
    numbers = [column for column in told.every.columns if told.is_number(column)]
    with card(
        "two", _("Two values at once"), _("Each point is an applicant of the sample, by what the policy proposes.")
    ):
        left, right = st.columns(2)
        with left:
            x = _choose(told, _("Across"), numbers, "two-x")
        with right:
            y = _choose(told, _("Upwards"), [column for column in numbers if column != x], "two-y")
        show_chart(two_features(told.every, x, y, told.client, told.names, look=look_of(desk.theme)), "two")


def draw_segments(desk: DeskSession, told: Comparison) -> None:
    """Draw a number's boxes by segment."""
    numbers = [column for column in told.every.columns if told.is_number(column)]
    words = [column for column in told.every.columns if not told.is_number(column)]
    if not words:
        return
    with card("segments", _("By segment"), _("Half of a segment's applicants lie within its box.")):
        left, right = st.columns(2)
        with left:
            value = _choose(told, _("Value"), numbers, "segment-value")
        with right:
            segment = _choose(told, _("Segment"), words, "segment-column")
        show_chart(
            box_by_segment(
                told.names.get(value, value),
                told.every.columns[value],
                told.every.columns[segment],
                (told.client.get(value), told.client.get(segment)),
                look=look_of(desk.theme),
            ),
            "segments",
        )


def _choose(told: Comparison, name: str, options: list[str], key: str) -> str:
    return st.selectbox(name, options, format_func=lambda one: told.names.get(one, one), key=key)
