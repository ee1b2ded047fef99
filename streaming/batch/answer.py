"""One answer for each record read: what the gateway, a repair and a replay all do between reading and writing."""

from __future__ import annotations

import threading

from streaming.batch.deciding import PatientDecider
from streaming.batch.intake import DeadLetter, Intake
from streaming.batch.publish import DecidedRecords, Outputs, Publisher


def answer(intake: Intake, patient: PatientDecider, publisher: Publisher, cancelled: threading.Event) -> Outputs:
    """Decide what was read and return all that is to be written for it; raises Cancelled once `cancelled` is set."""
    if not intake.accepted:
        return publisher.outputs([], intake.dead)
    decided = patient.decide(intake.batch, cancelled)
    records = intake.accepted
    runs = [
        DecidedRecords(stretch.decisions, records[stretch.first_row : stretch.first_row + len(stretch.decisions)])
        for stretch in decided.stretches
    ]
    died = [DeadLetter(records[one.row], "undecidable", one.reason) for one in decided.undecidable]
    return publisher.outputs(runs, [*intake.dead, *died])
