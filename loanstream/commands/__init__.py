"""The commands, one file a group; heavy libraries are imported inside them, so that `--help` stays quick."""

from __future__ import annotations

from collections.abc import Callable

import typer

from loanstream.commands import (
    data,
    decide,
    demo,
    intake,
    keys,
    ledger,
    model,
    monitor,
    proof,
    receipts,
    report,
    review,
    score,
    stack,
    users,
)

# A new group of commands is a file beside these with a `register(app)`, and its name here, in the order of the help.
COMMANDS: tuple[Callable[[typer.Typer], None], ...] = (
    demo.register,
    stack.register,
    keys.register,
    users.register,
    intake.register,
    decide.register,
    data.register,
    model.register,
    score.register,
    proof.register,
    ledger.register,
    review.register,
    receipts.register,
    monitor.register,
    report.register,
)
