"""From declared history features to SQL: one statement a relation.

Sums are taken on whole multiples of each value's unit, in integers: whatever the order of rows and threads, the same
bits come out, so that training, materialisation and any later run agree exactly.
"""

# ruff: noqa: S608 - statements are put together from this package's own column names and quoted paths
from __future__ import annotations

from collections.abc import Iterable

from credit.features.history import HistoryFeature, Relation


def relations(features: Iterable[HistoryFeature]) -> dict[Relation, list[HistoryFeature]]:
    """Group features by the relation they read, in order of first use."""
    grouped: dict[Relation, list[HistoryFeature]] = {}
    for feature in features:
        grouped.setdefault(feature.relation, []).append(feature)
    return grouped


def relation_sql(relation: Relation, features: list[HistoryFeature], clients: str = "") -> str:
    """Return the query that gives SK_ID_CURR and one FLOAT column a feature, a row for each client with such rows.

    clients: a condition on SK_ID_CURR that restricts the clients, empty for all.
    """
    values: dict[tuple[str, float], str] = {}
    subsets: dict[str, str] = {}
    rows: list[str] = ["SK_ID_CURR", f"{relation.order} AS moment"]
    for feature in features:
        exact = feature.aggregate in ("sum", "mean")
        key = (feature.value.sql, feature.value.unit if exact else 0.0)
        if feature.aggregate not in ("count", "share") and key not in values:
            values[key] = f"v{len(values)}"
            expression = f"({feature.value.sql})"
            if exact:
                expression = f"TRY_CAST(round({expression} / {feature.value.unit!r}) AS BIGINT)"
            rows.append(f"{expression} AS {values[key]}")
        where = feature.subset.where
        if where and where not in subsets:
            subsets[where] = f"s{len(subsets)}"
            rows.append(f"({where}) AS {subsets[where]}")
    columns = [_column(feature, values, subsets) for feature in features]
    where = f" WHERE {clients}" if clients else ""
    source = f"SELECT {', '.join(rows)} FROM {relation.sql}{where}"
    return f"SELECT SK_ID_CURR, {', '.join(columns)} FROM ({source}) GROUP BY SK_ID_CURR"


def _column(feature: HistoryFeature, values: dict[tuple[str, float], str], subsets: dict[str, str]) -> str:
    where = feature.subset.where
    only = f" FILTER (WHERE {subsets[where]})" if where else ""
    if feature.aggregate == "count":
        sql = f"count(*){only}"
    elif feature.aggregate == "share":
        sql = f"count(*){only} / count(*)"
    else:
        exact = feature.aggregate in ("sum", "mean")
        value = values[feature.value.sql, feature.value.unit if exact else 0.0]
        unit = f"{feature.value.unit!r}::DOUBLE"
        sql = {
            "sum": f"sum({value}){only}::DOUBLE * {unit}",
            "mean": f"sum({value}){only}::DOUBLE * {unit} / count({value}){only}",
            "min": f"min({value}){only}",
            "max": f"max({value}){only}",
            "last": f"arg_max({value}, moment){only}",
            "first": f"arg_min({value}, moment){only}",
            "distinct": f"count(DISTINCT {value}){only}",
        }[feature.aggregate]
    return f'({sql})::FLOAT AS "{feature.name}"'
