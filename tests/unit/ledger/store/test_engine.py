"""What a database's address may be."""

from __future__ import annotations

import pytest

from credit.errors import SettingsError
from ledger.settings import LedgerSettings
from ledger.store.engine import connect


@pytest.mark.parametrize("url", ["mysql://a/b", "nonsense", "postgresql+nothing://a/b"])
def test_an_address_that_names_no_database_of_ours_is_one_line(url: str) -> None:
    """The message names the variable."""
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        connect(url)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://u:p@h/l", "postgresql+psycopg://u:p@h/l"),
        ("postgres://u:p@h/l", "postgresql+psycopg://u:p@h/l"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_the_usual_spelling_of_postgresql_is_taken(given: str, expected: str) -> None:
    """psycopg 3 is the driver, whoever wrote the address."""
    assert LedgerSettings(database_url=given).url == expected  # type: ignore[arg-type]


def test_without_an_address_it_is_a_file_of_the_home(tmp_path) -> None:
    """SQLite in the ledger's home."""
    assert LedgerSettings(home=tmp_path).url == f"sqlite:///{tmp_path}/ledger.db"
