"""The columns of an application."""

from __future__ import annotations

from credit.schema import APPLICATION_COLUMNS, CLIENT_ID, COLUMN_INDEX, TARGET


def test_columns_are_named_once_and_found_by_name() -> None:
    """The published columns without the client's id and the label."""
    names = [column.name for column in APPLICATION_COLUMNS]
    assert len(set(names)) == len(names) == 120
    assert not {CLIENT_ID, TARGET} & set(names)
    assert [COLUMN_INDEX[name] for name in names] == list(range(120))


def test_a_category_has_distinct_codes() -> None:
    """A code's place is what the model learned: two of one text would make it ambiguous."""
    for column in APPLICATION_COLUMNS:
        assert len(set(column.codes)) == len(column.codes)
