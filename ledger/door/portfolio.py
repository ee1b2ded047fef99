"""The routes of the portfolio: key figures, themes and thresholds, over decisions or over the clients on file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from sqlalchemy import select

from credit.policy import Policy
from credit.themes import THEMES
from ledger.door.asking import MOST, LedgerParts, Parts, SeesPortfolio
from ledger.door.models import PLAIN, OutcomeWord
from ledger.errors import InvalidRequest, NotCounted
from ledger.portfolio.counting import CountedSource, PortfolioCounts
from ledger.portfolio.filters import PortfolioFilter
from ledger.portfolio.findings import findings_of, recommendations_of
from ledger.portfolio.overview import overview
from ledger.portfolio.themes import count_theme
from ledger.portfolio.thresholds import threshold_curve
from ledger.store.codes import OUTCOME_OF
from ledger.store.engine import reading
from ledger.store.tables import decisions, policies

ThemeWord = Literal["age", "income", "seniority", "amount", "family", "education", "housing", "history"]
_Money = Annotated[float | None, Query(ge=0, le=1e12, description="Money, widened to the band around it.")]
_Word = Annotated[str | None, Query(max_length=60, pattern=PLAIN, description="A category's word.")]
_Time = Annotated[int | None, Query(ge=0, le=MOST, description="Milliseconds since the epoch.")]


async def _asked(
    source: Annotated[CountedSource, Query(description="Decisions stored, or the labelled clients on file.")] = (
        "decisions"
    ),
    amount_from: _Money = None,
    amount_to: _Money = None,
    income_from: _Money = None,
    income_to: _Money = None,
    family: _Word = None,
    contract: _Word = None,
    decided_from: Annotated[_Time, Query(alias="from", description="Decided at or after, ms.")] = None,
    decided_to: Annotated[_Time, Query(alias="to", description="Decided before, ms.")] = None,
    outcome: Annotated[OutcomeWord | None, Query(description="What the model decided.")] = None,
) -> PortfolioFilter:
    return PortfolioFilter(
        source,
        amount_from,
        amount_to,
        income_from,
        income_to,
        family,
        contract,
        decided_from,
        decided_to,
        None if outcome is None else OUTCOME_OF[outcome],
    )


PortfolioAsked = Annotated[PortfolioFilter, Depends(_asked)]


def portfolio_routes(counts: PortfolioCounts) -> APIRouter:
    """Return the routes under /v1/portfolio."""
    routes = APIRouter(tags=["portfolio"])

    @routes.get("/v1/portfolio/overview")
    def key_figures(parts: Parts, _: SeesPortfolio, wanted: PortfolioAsked) -> dict[str, Any]:
        """Return the key figures: counts, rates with intervals of 95 %, expected cost, and how they moved."""
        return overview(counts, wanted, policy_of(parts, counts, wanted)) | _origin(counts, wanted)

    @routes.get("/v1/portfolio/themes/{theme}")
    def by_theme(parts: Parts, _: SeesPortfolio, theme: ThemeWord, wanted: PortfolioAsked) -> dict[str, Any]:
        """Return a theme's bands, what they say, and what may be done about it."""
        tally = count_theme(counts, theme, wanted, policy_of(parts, counts, wanted).costs)
        found = findings_of(tally)
        return {
            "theme": theme,
            "ordered": tally.theme.ordered,
            "protected": tally.theme.protected,
            "source": wanted.source,
            "filters": wanted.applied(),
            "bands": [band.document() for band in tally.bands],
            "findings": [{"code": one.code, "values": one.values} for one in found],
            "recommendations": [
                {"code": one.code, "horizon": one.horizon, "values": one.values}
                for one in recommendations_of(tally, found)
            ],
        } | _origin(counts, wanted)

    @routes.get("/v1/portfolio/thresholds")
    def thresholds(parts: Parts, _: SeesPortfolio, wanted: PortfolioAsked) -> dict[str, Any]:
        """Return what each threshold would cost by the bank's costs of its two errors."""
        if wanted.outcome is not None:
            raise InvalidRequest("outcome", "a threshold decides the outcome: leave it out")
        curve = threshold_curve(counts, wanted, policy_of(parts, counts, wanted))
        return curve.document() | {"filters": wanted.applied()} | _origin(counts, wanted)

    @routes.get("/v1/portfolio/choices")
    def choices(_: SeesPortfolio) -> dict[str, Any]:
        """Return what the filters take: ends of the bands of money, and the words of families and contracts."""
        return {
            "themes": list(ThemeWord.__args__),  # type: ignore[attr-defined] # a Literal has them
            "amount": list(THEMES["amount"].edges),
            "income": list(THEMES["income"].edges),
            "family": list(THEMES["family"].words),
            "contract": list(THEMES["contract"].words),
        }

    return routes


def policy_of(parts: LedgerParts, counts: PortfolioCounts, wanted: PortfolioFilter) -> Policy:
    """Return the policy of what is counted: that of the newest decision, or the one that scored the clients on file."""
    if wanted.source == "book":
        return counts.book.origin().policy
    d = decisions.c
    newest = select(d.policy_id).order_by(d.decided_ms.desc(), d.seq.desc()).limit(1).scalar_subquery()
    with reading(parts.engine) as connection:
        document = connection.scalar(select(policies.c.document).where(policies.c.policy_id == newest))
    if document is None:
        raise NotCounted("no decision is stored yet: there is nothing to count")
    return Policy.model_validate_json(document)


def _origin(counts: PortfolioCounts, wanted: PortfolioFilter) -> dict[str, Any]:
    """Say of the clients on file which model version scored them and when."""
    if wanted.source != "book":
        return {}
    origin = counts.book.origin()
    return {"model_version": origin.version, "made_at": origin.made_at}
