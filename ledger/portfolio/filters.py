"""What a question is narrowed to, as a condition of SQL with its values; sums of money in the steps that are kept."""

from __future__ import annotations

from dataclasses import dataclass

from credit.themes import THEMES, UNKNOWN
from ledger.errors import InvalidRequest
from ledger.portfolio.counting import CountedSource


@dataclass(frozen=True, slots=True)
class PortfolioFilter:
    """What is counted. Money from and to are ends of bands, or values within them; family and contract are words.

    from_ms, to_ms: decided at or after, and before; outcome: `credit.policy.Outcome`'s number.
    """

    source: CountedSource = "decisions"
    amount_from: float | None = None
    amount_to: float | None = None
    income_from: float | None = None
    income_to: float | None = None
    family: str | None = None
    contract: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    outcome: int | None = None

    def condition(self) -> tuple[str, list[object]]:
        """Return the condition and its values; raises InvalidRequest for a word or a time that cannot be."""
        parts: list[tuple[str, object]] = []
        for theme, low, high in (
            ("amount", self.amount_from, self.amount_to),
            ("income", self.income_from, self.income_to),
        ):
            parts += _money(theme, low, high)
        for theme, word in (("family", self.family), ("contract", self.contract)):
            if word is not None:
                parts.append((f"{theme} = ?", _place(theme, word)))
        if self.source == "book" and (self.from_ms is not None or self.to_ms is not None):
            raise InvalidRequest("from", "the clients on file have no time of a decision: leave out from and to")
        if self.from_ms is not None:
            parts.append(("decided_ms >= ?", self.from_ms))
        if self.to_ms is not None:
            parts.append(("decided_ms < ?", self.to_ms))
        if self.outcome is not None:
            parts.append(("outcome = ?", self.outcome))
        return " AND ".join(["true", *(part for part, _ in parts)]), [value for _, value in parts]

    def applied(self) -> dict[str, float | str | None]:
        """Return the ends of the bands that are counted, which are those asked for or lie around them."""
        ends: dict[str, float | str | None] = {"source": self.source, "family": self.family, "contract": self.contract}
        for theme, low, high in (
            ("amount", self.amount_from, self.amount_to),
            ("income", self.income_from, self.income_to),
        ):
            edges = THEMES[theme].edges
            ends[f"{theme}_from"] = None if low is None else edges[THEMES[theme].band_of(low)]
            ends[f"{theme}_to"] = None if high is None else next((edge for edge in edges if edge >= high), None)
        return ends


def _money(theme: str, low: float | None, high: float | None) -> list[tuple[str, object]]:
    edges, parts = THEMES[theme].edges, list[tuple[str, object]]()
    if low is not None:
        parts.append((f"{theme} >= ?", THEMES[theme].band_of(low)))
    if high is not None:
        parts.append((f"{theme} < ?", sum(edge < high for edge in edges)))
    if parts:
        parts.append((f"{theme} <> ?", UNKNOWN))
    return parts


def _place(theme: str, word: str) -> int:
    words = THEMES[theme].words
    if word not in words:
        raise InvalidRequest(theme, f"{word[:60]!r} is none of {', '.join(words)}")
    return words.index(word)
