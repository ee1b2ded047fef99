"""Names of features and columns as a person reads them, and values of the sample in the units of the forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from desk.application.fields import FIELDS
from desk.application.values import label, seen, told
from desk.charts.chart import Cell
from desk.client.model import CatalogRecord, ModelClient, Value
from desk.parts.remembered import remembered
from desk.session import DeskSession
from desk.words.categories import category_word
from desk.words.features import feature_words

_DAYS_A_YEAR: Final = 365.25
_NEVER: Final = 365243


def catalog_of(desk: DeskSession) -> CatalogRecord:
    """Return the catalog of the model that decides."""
    return remembered("catalog", lambda: ModelClient(desk.api).catalog(), 300)


def names_of(catalog: CatalogRecord) -> dict[str, str]:
    """Return the name of each column and feature: the form's label where there is one, else its description."""
    described = {column.name: column.description for column in catalog.columns}
    described |= {feature.name: feature.description for feature in catalog.features}
    return {name: label(name) if name in FIELDS else feature_words(text) for name, text in described.items()}


def told_values(cells: Mapping[str, Value]) -> dict[str, Cell]:
    """Return values as words; None stays None."""
    return {name: None if cell is None else told(name, cell) for name, cell in cells.items()}


def readable(column: str, cells: Sequence[Value], unit: str | None) -> list[Value]:
    """Return a column's cells as charts show them: years for days, yes or no for flags, categories in words."""
    return [_readable(column, cell, unit) for cell in cells]


def _readable(column: str, cell: Value, unit: str | None) -> Value:
    if cell is None:
        return None
    spec = FIELDS.get(column)
    if spec is not None:
        value = seen(spec, cell)
        return category_word(value) if isinstance(value, str) else value
    if isinstance(cell, str):
        return category_word(cell)
    if unit == "days":
        return None if cell == _NEVER else round(-cell / _DAYS_A_YEAR, 2)
    return category_word("yes" if cell else "no") if unit == "yes_no" else cell
