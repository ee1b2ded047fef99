"""What became of decisions, by the number under which they are counted.

An outcome names an application. Its decisions are found by their ids, which follow from the application and from what
decided (`credit.decision.decision_ids`). Both directions are looked at, since either may come first, and each in the
transaction that stores the later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, literal, select

from credit.decision import decision_ids
from credit.wire.outcome import ObservedOutcome
from ledger.store.bulk import highest, insert_all
from ledger.store.known import registered
from ledger.store.rows import NewDecisions
from ledger.store.sealing import Vault
from ledger.store.tables import decided_by, fact_outcomes, models, outcomes, policies

_AT_ONCE: Final = 5_000


class OutcomesBeside:
    """A `Beside` for new decisions and a `BesideOutcomes` for new outcomes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def add(self, connection: Connection, new: Sequence[NewDecisions]) -> None:
        """Note what was known already of the applications of these decisions."""
        self.add_known(
            connection,
            [
                (each.audit.record.application_ids[row.batch_row], row.decision_id, row.seq, row.decided_ms)
                for each in new
                for row in each.rows
            ],
        )

    def add_known(self, connection: Connection, rows: Sequence[tuple[str, str, int, int]]) -> None:
        """Note what is known of decisions (application's id, decision's id, number, time)."""
        if connection.execute(select(literal(1)).select_from(outcomes).limit(1)).first() is None:
            return
        applications = [self._application(application_id) for application_id, *_ in rows]
        known = _observed(connection, applications)
        found = [(row, known.get(application)) for application, row in zip(applications, rows, strict=True)]
        self._note(
            connection,
            [
                (seq, decided_ms, outcome.defaulted)
                for (_, decision_id, seq, decided_ms), outcome in found
                if outcome is not None and outcome.decision_id in (None, decision_id)
            ],
        )

    def observed(self, connection: Connection, told: Sequence[ObservedOutcome]) -> None:
        """Note what these outcomes, stored in this transaction, say of the decisions that are there."""
        pairs = connection.execute(
            select(models.c.digest, policies.c.digest)
            .join_from(decided_by, models, models.c.model_id == decided_by.c.model_id)
            .join(policies, policies.c.policy_id == decided_by.c.policy_id)
        ).all()
        names = list(dict.fromkeys(outcome.application_id for outcome in told))
        hashed = {self._application(name): name for name in names}
        of_decision: dict[str, int] = {}
        anywhere: dict[str, int] = {}
        for application, row in _observed(connection, list(hashed)).items():
            if row.decision_id is not None:
                of_decision[row.decision_id] = row.defaulted
            else:
                anywhere[hashed[application]] = row.defaulted
        for model_digest, policy_digest in pairs:
            ids = decision_ids(list(anywhere), model_digest, policy_digest)
            of_decision |= dict(zip(ids, anywhere.values(), strict=True))
        there = registered(connection, list(of_decision))
        self._note(connection, [(row.seq, row.decided_ms, of_decision[row.decision_id]) for row in there])

    def _application(self, application_id: str) -> bytes:
        return self._vault.lookup("application", application_id)

    @staticmethod
    def _note(connection: Connection, found: Iterable[tuple[int, int, int]]) -> None:
        first = highest(connection, fact_outcomes.c.change_no, -1) + 1
        insert_all(connection, fact_outcomes, [(first + place, *one) for place, one in enumerate(found)])


def _observed(connection: Connection, applications: Sequence[bytes]) -> dict[bytes, Row[Any]]:
    """Return the stored outcome of each application that has one."""
    found: dict[bytes, Row[Any]] = {}
    for at in range(0, len(applications), _AT_ONCE):
        some = applications[at : at + _AT_ONCE]
        for row in connection.execute(select(outcomes).where(outcomes.c.application.in_(some))):
            found[bytes(row.application)] = row
    return found
