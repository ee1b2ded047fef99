"""Well-formed application messages, read at a fraction of what judging them costs.

Nearly every message is well formed, and to read it is half of what intake pays for it. `read_well_formed` answers for
those messages only: None is no verdict, it sends the message to `credit.wire.application`, whose pydantic models name
every problem. Its test in tests/unit/credit/wire holds the two together: what is accepted here they accept, with the
same cells, and nothing else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AwareDatetime, TypeAdapter

from credit.application import CELL_ORDER
from credit.schema import APPLICATION_COLUMNS, CLIENT_ID, COLUMN_INDEX, SCHEMA_VERSION, Column

MAX_NUMBER = 1e12
MAX_CATEGORY_LENGTH = 100
MAX_CLIENT_ID = 2**63 - 1
APPLICATION_ID = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"

# Longer than any ordinary message, and too short for the one kind of number that msgspec takes and pydantic does not:
# one of more than 4,300 digits.
_LONGEST = 4300

_Number = Annotated[float, msgspec.Meta(ge=-MAX_NUMBER, le=MAX_NUMBER)]
_Category = Annotated[str, msgspec.Meta(max_length=MAX_CATEGORY_LENGTH)]


def _cell(column: Column) -> tuple[Any, ...]:
    kind: Any = _Category if column.is_category else _Number
    return (column.name, kind) if column.required else (column.name, kind | None, None)


# Fields stand in `CELL_ORDER`, after the client's id, so that a row as a tuple is its cells.
_Row: Any = msgspec.defstruct(
    "_Row",
    [
        (CLIENT_ID, Annotated[int, msgspec.Meta(ge=1, le=MAX_CLIENT_ID)]),
        *(_cell(APPLICATION_COLUMNS[COLUMN_INDEX[name]]) for name in CELL_ORDER),
    ],
    kw_only=True,
    forbid_unknown_fields=True,
    gc=False,
)


class _Message(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    application: _Row
    schema_version: Literal[1] = SCHEMA_VERSION
    application_id: Annotated[str, msgspec.Meta(pattern=rf"\A{APPLICATION_ID}\Z")] | None = None
    submitted_at: str | None = None


_decode = msgspec.json.Decoder(_Message).decode
# Times are read by pydantic here too: the two libraries differ in which spellings of a time they take.
_read_time = TypeAdapter(AwareDatetime).validator.validate_python
_cells_of = msgspec.structs.astuple


def read_well_formed(payload: bytes) -> tuple[str | None, datetime | None, tuple[Any, ...]] | None:
    """Return a message's application id, time of submission and cells (client id first, then as in `CELL_ORDER`).

    None where the message has to be judged by `credit.wire.application.ApplicationMessage`.
    """
    if len(payload) > _LONGEST:
        return None
    try:
        message = _decode(payload)
        submitted = None if message.submitted_at is None else _read_time(message.submitted_at)
    except (msgspec.DecodeError, ValueError):  # pydantic's ValidationError is a ValueError
        return None
    return message.application_id, submitted, _cells_of(message.application)
