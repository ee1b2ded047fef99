"""From the facts of a decision to the letter's texts, in their order; templates only place them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from credit.features import CATALOG
from ledger.notices.facts import CheckedChange, NoticeFacts
from ledger.notices.settings import NoticeSettings
from ledger.notices.words import NoticeWords

# Where the data of a subject come from; what is not named here stands in the application.
_AGENCIES = frozenset({"R01", "R16", "R19", "R20", "R21", "R22"})
_OURS = frozenset({"R23", "R24", "R25", "R26", "R27", "R28", "R29", "R30"})
_FIGURES = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "AMT_INCOME_TOTAL")


@dataclass(frozen=True, slots=True)
class LetterPart:
    """A headed part: paragraphs, then items of a list, then paragraphs; `ordered` numbers the items."""

    title: str
    before: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class ApplicantLetter:
    """A letter, ready to be placed; pairs are (label, value).

    kind: which template it goes by; data: sources with what came from each; figures: what the applicant told us.
    """

    kind: Literal["adverse", "general"]
    language: str
    bank: str
    address: tuple[str, ...]
    date: str
    recipient: tuple[str, ...]
    references: tuple[tuple[str, str], ...]
    subject: str
    salutation: str
    opening: tuple[str, ...]
    parts: tuple[LetterPart, ...]
    data_title: str
    data_intro: tuple[str, ...]
    data: tuple[tuple[str, str], ...]
    figures_title: str
    figures: tuple[tuple[str, str], ...]
    rights: LetterPart
    closing: str
    signature: str
    footer: str


def write_letter(facts: NoticeFacts, words: NoticeWords, settings: NoticeSettings) -> ApplicantLetter:
    """Return the letter about one decision: adverse action for a decline, a general notice for all else."""
    declined = facts.outcome == "decline"
    place = ("adverse",) if declined else ("general", facts.outcome)
    submitted = words.day(facts.submitted_ms)
    how = "by_person" if facts.by_person else "referred" if facts.outcome == "refer" else "automated"
    named = facts.applicant[0] if facts.applicant else None
    bank = settings.bank or words.of("common", "bank")
    contest = {"days": str(settings.contest_days), "contact": settings.contact or words.of("common", "contact")}
    parts = [_reasons(facts, words, place, contest)]
    if declined and facts.searched:
        parts.append(_changes(facts.change, words))
    return ApplicantLetter(
        kind="adverse" if declined else "general",
        language=words.language,
        bank=bank,
        address=tuple(line.strip() for line in (settings.address or "").split(";") if line.strip()),
        date=words.day(facts.decided_ms),
        recipient=facts.applicant,
        references=(
            (words.of("labels", "reference"), facts.decision_id),
            (words.of("labels", "application"), facts.application_id),
            (words.of("labels", "submitted"), submitted),
            (words.of("labels", "decided"), words.day(facts.decided_ms)),
        ),
        subject=words.of(*place, "subject"),
        salutation=words.of("common", "salutation_named", name=named) if named else words.of("common", "salutation"),
        opening=(*words.list_of(*place, "opening", submitted=submitted), words.of("common", how)),
        parts=tuple(parts),
        data_title=words.of("data", "title"),
        data_intro=(words.of("data", "intro"), words.of("data", "protected")),
        data=_sources(facts, words),
        figures_title=words.of("labels", "data"),
        figures=_figures(facts, words),
        rights=_rights(words, contest, settings.authority),
        closing=words.of("common", "closing_named" if named else "closing"),
        signature=settings.signature or bank,
        footer=words.of("common", "footer", decision=facts.decision_id),
    )


def _reasons(facts: NoticeFacts, words: NoticeWords, place: tuple[str, ...], contest: dict[str, str]) -> LetterPart:
    told = [words.subject(code) for code in facts.reasons]
    favourable = facts.outcome == "approve"
    items = tuple(s.favourable if favourable else s.adverse for s in told if s is not None and not s.protected)
    title = words.of(*place, "reasons")
    if items or facts.outcome != "decline":
        return LetterPart(title, (words.of(*place, "reasons_intro"),) if items else (), items, ordered=True)
    return LetterPart(title, (words.of(*place, "no_reasons", **contest),))


def _changes(change: CheckedChange | None, words: NoticeWords) -> LetterPart:
    title = words.of("changes", "title")
    if change is None:
        return LetterPart(title, (words.of("changes", "none"),))
    figures: dict[str, str] = {}
    for name, value in change.after.items():
        before = change.before.get(name)
        if value is not None and before is not None:
            figures |= {name: words.amount(value), f"{name}_before": words.amount(before)}
    items = []
    for move in change.moves:
        key = "borrow_less_plain" if move == "borrow_less" and "AMT_GOODS_PRICE" not in figures else move
        items.append(words.of("changes", key, **figures))
    return LetterPart(title, (words.of("changes", "intro"),), tuple(items), (words.of("changes", "checked"),))


def _sources(facts: NoticeFacts, words: NoticeWords) -> tuple[tuple[str, str], ...]:
    """Return each source with the titles of the subjects on which the model read something from it."""
    read: dict[str, list[str]] = {"application": [], "agencies": [], "ours": []}
    for name in facts.features:
        if name not in CATALOG.index:
            continue  # a former model may have read what is no more
        feature = CATALOG[name]
        if not facts.history and feature.source in ("history", "combined"):
            continue
        source = "agencies" if feature.subject in _AGENCIES else "ours" if feature.subject in _OURS else "application"
        if feature.subject not in read[source]:
            read[source].append(feature.subject)
    listed = []
    for source, codes in read.items():
        titles = [subject.title for code in sorted(codes) if (subject := words.subject(code)) is not None]
        if titles:
            listed.append((words.of("data", source), words.of("data", "between").join(titles)))
    if not facts.history:
        listed.append((words.of("data", "ours"), words.of("data", "no_history")))
    return tuple(listed)


def _figures(facts: NoticeFacts, words: NoticeWords) -> tuple[tuple[str, str], ...]:
    cells = ((name, facts.application.get(name)) for name in _FIGURES)
    return tuple(
        (words.of("data", name), words.amount(float(cell)))
        for name, cell in cells
        if isinstance(cell, int | float) and math.isfinite(cell)
    )


def _rights(words: NoticeWords, contest: dict[str, str], authority: str | None) -> LetterPart:
    told = [words.of("rights", "contest", **contest), words.of("rights", "explain")]
    if authority:
        told.append(words.of("rights", "authority", authority=authority))
    return LetterPart(words.of("rights", "title"), tuple(told))
