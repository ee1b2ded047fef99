"""Words for the small numbers that stand in the rows."""

from __future__ import annotations

from typing import Final, get_args

from credit.decision import Mode
from credit.policy import Outcome
from credit.wire.audit import Door

DOORS: Final[tuple[Door, ...]] = get_args(Door)
OUTCOME_WORDS: Final = {int(outcome): outcome.word for outcome in Outcome}
MODE_WORDS: Final = {int(mode): mode.word for mode in Mode}
OUTCOME_OF: Final = {word: number for number, word in OUTCOME_WORDS.items()}
MODE_OF: Final = {word: number for number, word in MODE_WORDS.items()}
DOOR_OF: Final = {door: number for number, door in enumerate(DOORS)}
