"""What the feature store adds to facts, and what happens while it is away."""

from __future__ import annotations

import numpy as np

from credit.errors import DependencyUnavailable
from credit.features import CATALOG
from credit.themes import EARLIER_CREDITS, HISTORY_COUNTS
from ledger.portfolio.on_file import OnFile


class KnownClients:
    """A store of two clients, which can be away."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0

    def _answer(self) -> None:
        self.asked += 1
        if self.away:
            raise DependencyUnavailable("away")

    def history(self, client_ids):
        self._answer()
        vectors = np.full((len(client_ids), len(CATALOG.history_names)), np.nan, dtype=np.float32)
        vectors[0, [CATALOG.history_names.index(name) for name in HISTORY_COUNTS]] = (3, 2)
        return vectors, np.array([True] + [False] * (len(client_ids) - 1))

    def applications(self, client_ids):
        self._answer()
        told = b'{"SK_ID_CURR": 1, "NAME_FAMILY_STATUS": "Married", "AMT_CREDIT": 5e4, "NAME_HOUSING_TYPE": "a tent"}'
        return [told, None, b"not JSON"][: len(client_ids)]


IDS = np.array([1, 2, 3])


def test_columns_are_read_as_the_schema_encodes_them() -> None:
    """A category by its code, an unheard-of one as unknown, a number as it is; missing for who is not on file."""
    found = OnFile(KnownClients).columns(["NAME_FAMILY_STATUS", "AMT_CREDIT", "NAME_HOUSING_TYPE"], IDS)
    assert found.values["NAME_FAMILY_STATUS"][0] == 1.0
    assert found.values["AMT_CREDIT"][0] == 5e4
    assert found.values["NAME_HOUSING_TYPE"][0] == -1.0
    assert found.known["AMT_CREDIT"].tolist() == [True, False, False]
    assert np.isnan(found.values["AMT_CREDIT"][1:]).all()


def test_earlier_credits_are_counted_and_nothing_on_file_is_none() -> None:
    """Three with other lenders and two here; of the others no credit is known."""
    found = OnFile(KnownClients).columns([EARLIER_CREDITS], IDS)
    assert found.values[EARLIER_CREDITS].tolist() == [5.0, 0.0, 0.0]


def test_a_store_that_is_away_is_left_alone_for_a_while() -> None:
    """Facts are stored without it, and no transaction waits for it again and again."""
    store, now = KnownClients(), [0.0]
    store.away = True
    on_file = OnFile(lambda: store, lambda: now[0])
    assert on_file.columns(["AMT_CREDIT"], IDS).values == {}
    assert on_file.columns(["AMT_CREDIT"], IDS).values == {}
    assert store.asked == 1
    store.away, now[0] = False, 31.0
    assert on_file.columns(["AMT_CREDIT"], IDS).known["AMT_CREDIT"].any()


def test_nobody_is_asked_where_the_model_reads_it_all() -> None:
    """The store is not even opened."""
    store = KnownClients()
    assert OnFile(lambda: store).columns([], IDS).values == {}
    assert store.asked == 0
