"""The clients on file whose loans have ended: a Parquet file of bands, scores and what became of them.

`loanstream` makes it from the labelled tables with the champion; the ledger only reads it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from credit.policy import Policy
from ledger.errors import NotCounted

BOOK_KEY: Final = b"loanstream-book"


@dataclass(frozen=True, slots=True)
class BookOrigin:
    """What a book was made with: the model version that scored it, its policy, when (ISO 8601), how many clients."""

    version: str
    policy: Policy
    made_at: str
    clients: int


class Book:
    """The book at a path; None where there is none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def path(self) -> Path:
        """Return the file; raises NotCounted where there is none."""
        if self._file is None or not self._file.is_file():
            raise NotCounted("there is no book of clients on file yet: `loanstream book` makes it from labelled tables")
        return self._file

    def origin(self) -> BookOrigin:
        """Return what the book says of itself; raises NotCounted where there is none."""
        import pyarrow.parquet as pq

        said = pq.read_metadata(self.path())
        document: dict[str, Any] = json.loads((said.metadata or {})[BOOK_KEY])
        return BookOrigin(
            document["version"], Policy.model_validate(document["policy"]), document["made_at"], said.num_rows
        )
