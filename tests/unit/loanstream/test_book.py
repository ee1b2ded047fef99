"""The book of clients on file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from credit.policy import Costs
from credit.schema import APPLICATION_COLUMNS
from credit.themes import THEMES
from ledger.portfolio.book import Book
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.filters import PortfolioFilter
from ledger.portfolio.following import Follower
from ledger.portfolio.overview import overview
from ledger.portfolio.themes import count_theme
from ledger.store.engine import connect
from loanstream.book import write_book
from serve_app.models.loaded_model import LoadedModel
from serve_app.steps.scorer import score_batch
from tests.fixtures.decisions import application_batch
from tests.fixtures.small_model import EveryClientsHistory, write_small_model
from training.data.applications import EncodedApplications

N = 5_000
AMOUNT = [column.name for column in APPLICATION_COLUMNS].index("AMT_CREDIT")


@pytest.fixture(scope="module")
def labelled() -> EncodedApplications:
    batch = application_batch(N)
    batch.values[:, AMOUNT] = np.resize([150e3, 450e3], N)
    return EncodedApplications(batch.client_ids, batch.values, (np.arange(N) % 10 == 0).astype(float))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return LoadedModel.load(write_small_model(tmp_path_factory.mktemp("model")), "7")


def test_the_book_counts_the_clients_as_the_champion_scores_them(
    labelled: EncodedApplications, model: LoadedModel, tmp_path: Path
) -> None:
    """Themes, outcomes and default rates over more than one block, and the answer says which version scored."""
    out = tmp_path / "book.parquet"
    assert write_book(labelled, EveryClientsHistory(), model, out, "mark", lambda *_: None) == N
    book = Book(out)
    counts = PortfolioCounts(Follower(connect(f"sqlite:///{tmp_path}/none.db"), tmp_path), book, tmp_path)
    wanted = PortfolioFilter("book")
    told = overview(counts, wanted, book.origin().policy)
    amounts = {b.word: b.count for b in count_theme(counts, "amount", wanted, Costs()).bands if b.count}
    history = count_theme(counts, "history", wanted, Costs())
    counts.close()
    scored = score_batch(model, labelled.values, EveryClientsHistory().history(labelled.client_ids)[0])
    assert (told["count"], told["observed"], told["defaults"]) == (N, N, N // 10)
    assert told["approved"] == int((scored.outcome == 0).sum())
    assert told["mean_probability"] == pytest.approx(scored.probability.mean(), abs=1e-4)
    assert amounts == {"100000-200000": N // 2, "300000-500000": N // 2}
    assert sum(band.count for band in history.known) == N
    assert (book.origin().version, book.origin().clients) == ("7", N)


def test_no_number_and_no_order_leads_to_a_client(
    labelled: EncodedApplications, model: LoadedModel, tmp_path: Path
) -> None:
    """Bands, score and outcome are all there is, and the rows are not in the order of the clients' numbers."""
    out = tmp_path / "book.parquet"
    write_book(labelled, EveryClientsHistory(), model, out, "mark", lambda *_: None)
    table = pq.read_table(out)
    assert set(table.column_names) == {*THEMES, "probability", "outcome", "defaulted"}
    assert labelled.target is not None
    assert table["defaulted"].to_pylist() != labelled.target.tolist()
    assert sorted(table["defaulted"].to_pylist()) == sorted(labelled.target.tolist())
