"""`loanstream decisions`: every filter of the API, for lists and for exports."""

from __future__ import annotations

import inspect

import pytest
import typer

from ledger.door.asking import asked_filter
from loanstream.commands.ledger import decisions


@pytest.mark.parametrize("command", ["list", "export"])
def test_a_command_has_every_filter_of_the_api(command: str) -> None:
    """A filter that is new in the API is asked for here too."""
    theirs = set(inspect.signature(asked_filter).parameters) - {"parts"}
    group = typer.main.get_command(decisions)
    ours = {option.lstrip("-").replace("-", "_") for one in group.commands[command].params for option in one.opts}  # type: ignore[attr-defined]
    said = {"decided_from": "from", "decided_to": "to"}
    assert {said.get(name, name) for name in theirs} <= ours
