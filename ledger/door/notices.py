"""The routes that tell an applicant: what would have changed the outcome, and the letter."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from credit.errors import DependencyUnavailable
from credit.policy import Outcome
from ledger.door.asking import LedgerParts, Parts, Reader, identifier
from ledger.door.changes import SearchesChanges
from ledger.errors import InvalidRequest
from ledger.notices.facts import CheckedChange
from ledger.notices.from_receipt import checked_change, facts_of
from ledger.notices.notice import NoticeFormat, write_notice
from ledger.notices.settings import NoticeSettings
from ledger.query.receipt import Receipt, read_receipt
from ledger.review.actor import Actor
from ledger.store.engine import reading

log = logging.getLogger(__name__)
Lines = Annotated[
    list[str] | None,
    Query(description="A line of the applicant's name and address, repeated for more: the ledger does not keep them."),
]
_MOST_LINES = 6


def notice_routes(search: SearchesChanges | None, settings: NoticeSettings) -> APIRouter:
    """Return the routes; `search` None means that no deciding API is known, so that letters name no change."""
    routes = APIRouter(tags=["applicant"])

    @routes.post("/v1/decisions/{decision_id}/counterfactual")
    def counterfactual(parts: Parts, actor: Reader, decision_id: str) -> dict[str, Any]:
        """Say which smallest changes within the applicant's reach would bring an approval; each is decided again."""
        if search is None:
            raise DependencyUnavailable("no deciding API is known here; set LOANSTREAM_LEDGER_API_URL")
        return search.would_change(_looked_up(parts, actor, decision_id, "counterfactual"))

    @routes.get("/v1/decisions/{decision_id}/notice", response_class=Response)
    def notice(
        parts: Parts,
        actor: Reader,
        decision_id: str,
        language: Annotated[Literal["en", "fr"], Query(description="Language of the letter.")] = "en",
        form: Annotated[NoticeFormat, Query(alias="format", description="Form of the letter.")] = "html",
        applicant: Lines = None,
    ) -> Response:
        """Return the applicant's letter; the access is logged."""
        receipt = _looked_up(parts, actor, decision_id, "notice")
        searched, change = _change(search, receipt)
        facts = facts_of(receipt, _address(applicant or []), searched, change)
        letter = write_notice(facts, language, form, settings)
        shown = {"Content-Disposition": f'inline; filename="{letter.file_name}"'}
        return Response(letter.content, media_type=letter.media_type, headers=shown)

    return routes


def _looked_up(parts: LedgerParts, actor: Actor, decision_id: str, action: str) -> Receipt:
    number = identifier(decision_id)
    with reading(parts.engine) as connection:
        receipt = read_receipt(connection, parts.vault, number)
    parts.access.note(actor, action, receipt.row.client, number)
    return receipt


def _change(search: SearchesChanges | None, receipt: Receipt) -> tuple[bool, CheckedChange | None]:
    """Return whether a change was looked for, and the one that was found; a letter does not wait for a search."""
    if search is None or receipt.final_outcome == Outcome.APPROVE:
        return False, None
    try:
        answer = search.would_change(receipt)
    except (DependencyUnavailable, InvalidRequest) as error:
        log.warning("the letter of %s names no change: %s", receipt.row.decision_id, error)
        return False, None
    # Another application's or another model's answer is no word about this decision.
    return (True, checked_change(answer)) if answer["reproduced"] else (False, None)


def _address(lines: Sequence[str]) -> tuple[str, ...]:
    if len(lines) > _MOST_LINES or any(len(line) > 100 for line in lines):
        raise InvalidRequest("applicant", f"name and address have at most {_MOST_LINES} lines of 100 characters")
    return tuple(line for line in lines if line.strip())
