"""One answer for each record read: what the gateway, a repair and a replay all do between reading and writing."""

from __future__ import annotations

import threading

from streaming.batch.deciding import PatientDecider
from streaming.batch.intake import DeadLetter, Intake
from streaming.batch.publish import Outputs, Part, Publisher


def answer(intake: Intake, patient: PatientDecider, publisher: Publisher, cancelled: threading.Event) -> Outputs:
    """Decide what was read and return all that is to be written for it; raises Cancelled once `cancelled` is set."""
    dead = list(intake.dead)
    parts: list[Part] = []
    if intake.accepted:
        decided = patient.decide(intake.batch, cancelled)
        parts = [Part(batch, intake.accepted[row : row + len(batch)]) for row, batch in decided.parts]
        dead += [DeadLetter(intake.accepted[f.row], "undecidable", f.reason) for f in decided.failed]
    return publisher.outputs(parts, dead)
