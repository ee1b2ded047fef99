"""The whole receipt of one decision: what was read, what came of it, by which model and policy, and what followed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from credit.features import CATALOG
from credit.policy import Outcome, Policy
from credit.reasons import MAX_REASONS
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX
from ledger.errors import Erased, UnknownDecision
from ledger.store import tables
from ledger.store.payload import PersonalPart, unpack
from ledger.store.sealing import Vault

_SUBJECTS = {subject.code: subject for subject in CATALOG.subjects.values()}


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model version as the ledger knows it; features in the booster's order."""

    name: str
    version: str
    digest: str
    catalog_hash: str
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One stored decision. `personal` is None where the client's key was destroyed.

    row: of `decisions`; batch: of `batches`, where it was read; answer: of `answers`, None for a decision by HTTP;
    observed: of `outcomes`; reviews: of `reviews`, oldest first.
    """

    row: Row[Any]
    model: StoredModel
    policy: Policy
    policy_digest: str
    batch: Row[Any]
    answer: Row[Any] | None
    personal: PersonalPart | None
    observed: Row[Any] | None
    reviews: list[Row[Any]]

    @property
    def final_outcome(self) -> Outcome:
        """What holds today: the last closed review's outcome, or the decision's own."""
        closed = [review for review in self.reviews if review.final_outcome is not None]
        last = max(closed, key=lambda review: review.closed_ms, default=None)
        return Outcome(self.row.outcome if last is None else last.final_outcome)

    def values(self) -> dict[str, float]:
        """Return what the booster read, by feature; empty where it can be read no more."""
        if self.personal is None:
            return {}
        return dict(zip(self.model.features, self.personal.features.tolist(), strict=True))

    def application(self) -> dict[str, float | str | None] | None:
        """Return the application as it was decided, categories by their word, without what is missing.

        None where it was not kept yet when the decision was taken, or can be read no more.
        """
        kept = None if self.personal is None else self.personal.application
        if kept is None:
            return None
        cells = zip(APPLICATION_COLUMNS, kept.tolist(), strict=True)
        return {column.name: _word(column.codes, cell) for column, cell in cells if not math.isnan(cell)}

    def stated(self) -> dict[str, float]:
        """Return what is known of the applicant, by column and feature: the application, and what the booster read."""
        kept = None if self.personal is None else self.personal.application
        columns = {} if kept is None else dict(zip(COLUMN_INDEX, kept.tolist(), strict=True))
        return self.values() | columns

    @property
    def amount(self) -> float | None:
        """The credit asked for, None where nobody can tell."""
        amount = self.stated().get("AMT_CREDIT")
        return amount if amount is not None and math.isfinite(amount) else None


@dataclass(frozen=True, slots=True)
class ToldReason:
    """One reason of a receipt; feature and value are None where they can be read no more."""

    code: str
    subject: str
    text: str
    share: float | None
    feature: str | None
    value: float | str | None


def read_receipt(connection: Connection, vault: Vault, decision_id: str) -> Receipt:
    """Return a decision's receipt; raises UnknownDecision where there is none."""
    row = find_row(connection, decision_id)
    t = tables
    m = connection.execute(select(t.models).where(t.models.c.model_id == row.model_id)).one()
    model = StoredModel(m.name, m.version, m.digest, m.catalog_hash, tuple(json.loads(m.features)))
    policy = connection.execute(select(t.policies).where(t.policies.c.policy_id == row.policy_id)).one()
    batch = connection.execute(select(t.batches).where(t.batches.c.batch_id == row.batch_id)).one()
    a = t.answers.c
    answer = connection.execute(
        select(t.answers).where(a.decided_ms == row.decided_ms, a.decision_id == decision_id)
    ).first()
    personal = open_personal(connection, vault, row)
    observed = None
    if personal is not None:
        application = vault.lookup("application", personal.application_id)
        observed = connection.execute(select(t.outcomes).where(t.outcomes.c.application == application)).first()
    r = t.reviews.c
    reviews = connection.execute(select(t.reviews).where(r.decision_id == decision_id).order_by(r.opened_ms)).all()
    return Receipt(
        row,
        model,
        Policy.model_validate_json(policy.document),
        policy.digest,
        batch,
        answer,
        personal,
        observed,
        list(reviews),
    )


def find_row(connection: Connection, decision_id: str) -> Row[Any]:
    """Return a decision's row of `decisions`; raises UnknownDecision."""
    t = tables.decisions.c
    named = tables.register.c
    place = connection.execute(
        select(named.decided_ms, named.seq).where(named.decision_id == decision_id.lower())
    ).first()
    row = (
        place
        and connection.execute(
            select(tables.decisions).where(t.decided_ms == place.decided_ms, t.seq == place.seq)
        ).first()
    )
    if row is None:
        over = "its time is over, and it was removed" if place else "it may not be stored yet: ask again in a second"
        raise UnknownDecision(f"the ledger holds no decision {decision_id}; {over}")
    return row


def open_personal(connection: Connection, vault: Vault, row: Row[Any]) -> PersonalPart | None:
    """Return what is personal of a decision, None where the client was erased."""
    t = tables.payloads.c
    sealed = connection.scalar(select(t.sealed).where(t.decided_ms == row.decided_ms, t.seq == row.seq))
    if sealed is None:
        return None
    try:
        return unpack(vault.open(row.client, sealed, row.decision_id.encode()))
    except Erased:
        return None


def told_reasons(receipt: Receipt) -> list[ToldReason]:
    """Return the reasons of a receipt in words, strongest first."""
    approved = receipt.row.outcome == Outcome.APPROVE
    personal, names = receipt.personal, receipt.model.features
    told = []
    for place, code in enumerate(receipt.row.reasons.split()[:MAX_REASONS]):
        subject = _SUBJECTS.get(code)
        title = subject.title if subject else code
        text = "" if subject is None else subject.favourable if approved else subject.adverse
        if personal is None:
            told.append(ToldReason(code, title, text, None, None, None))
            continue
        feature = int(personal.reason_feature[place])
        share = round(float(personal.reason_share[place]), 4)
        value = readable(names[feature], float(personal.features[feature]))
        told.append(ToldReason(code, title, text, share, names[feature], value))
    return told


def readable(name: str, value: float) -> float | str | None:
    """Return a feature's value as people read it: a category by its word, None where it is missing."""
    if not math.isfinite(value):
        return None
    # A former model may have read what is no more.
    return _word(CATALOG[name].codes if name in CATALOG.index else (), value)


def _word(codes: Sequence[str], value: float) -> float | str:
    if codes:
        return codes[int(value)] if 0 <= value < len(codes) else "unknown"
    return value
