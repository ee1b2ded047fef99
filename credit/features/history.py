"""How history features are declared: rows of a relation, a value, a subset and an aggregate, as data.

`training.data.history` compiles the declarations to SQL; nothing else defines a history feature. The SQL texts here are
DuckDB's, and state the definition; this package never runs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

AggregateName = Literal["count", "share", "sum", "mean", "min", "max", "last", "first", "distinct"]

_AGGREGATE_TEXT: dict[str, str] = {
    "count": "number of",
    "share": "share of",
    "sum": "total",
    "mean": "mean",
    "min": "lowest",
    "max": "highest",
    "last": "latest",
    "first": "earliest",
    "distinct": "number of different values of",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows that are aggregated for each client.

    key: short name that begins the features' names; tables: the tables it reads; sql: a FROM clause's content that
    gives SK_ID_CURR; order: an integer expression, unique in a client's rows, that puts them in time; text: what a row
    is.
    """

    key: str
    tables: tuple[str, ...]
    sql: str
    order: str
    text: str


@dataclass(frozen=True, slots=True)
class Subset:
    """Some of a relation's rows; an empty `where` means all."""

    key: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """What is aggregated: an expression on a row. unit: its resolution, for sums that no order of rows changes."""

    key: str
    sql: str
    text: str
    subject: str
    monotone: int = 0
    unit: float = 0.001


@dataclass(frozen=True, slots=True)
class HistoryFeature:
    """One history feature: `aggregate` of `value` over the rows of `relation` in `subset`."""

    name: str
    relation: Relation
    subset: Subset
    value: Value
    aggregate: AggregateName

    @property
    def description(self) -> str:
        what = _AGGREGATE_TEXT[self.aggregate]
        rows = f"{self.relation.text}{self.subset.text}"
        if self.aggregate in ("count", "share"):
            return f"{what} {rows}".capitalize()
        return f"{what} {self.value.text}, {rows}".capitalize()

    @property
    def definition(self) -> str:
        """The whole definition as text: it changes when the feature does."""
        where = f" where {self.subset.where}" if self.subset.where else ""
        order = f" by {self.relation.order}" if self.aggregate in ("last", "first") else ""
        return f"{self.aggregate}({self.value.sql}; {self.value.unit:g}){order} of {self.relation.sql}{where}"


ALL = Subset("", "", "")
ROWS = Value("N", "1", "rows", "")


def declare(
    relation: Relation,
    subsets: tuple[Subset, ...],
    values: tuple[tuple[Value, tuple[AggregateName, ...]], ...],
) -> Iterator[HistoryFeature]:
    """Yield a feature for each subset, value and aggregate, named RELATION_SUBSET_VALUE_AGGREGATE."""
    for subset in subsets:
        for value, aggregates in values:
            for aggregate in aggregates:
                parts = (relation.key, subset.key, value.key, aggregate.upper())
                yield HistoryFeature("_".join(part for part in parts if part), relation, subset, value, aggregate)


def counts(
    relation: Relation, subject: str, subsets: tuple[Subset, ...], *, share: bool = True, monotone: int = 0
) -> Iterator[HistoryFeature]:
    """Yield the number of rows in each subset and, but for all rows, their share."""
    rows = Value("N", "1", "rows", subject, monotone)
    for subset in subsets:
        yield from declare(relation, (subset,), ((rows, ("count",)),))
        if share and subset.where:
            yield HistoryFeature(
                f"{relation.key}_{subset.key}_SHARE",
                relation,
                subset,
                Value("N", "1", "rows", subject, monotone),
                "share",
            )
