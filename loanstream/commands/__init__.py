"""The commands, one file a group; heavy libraries are imported inside them, so that `--help` stays quick."""

from __future__ import annotations

from collections.abc import Callable

import typer

from loanstream.commands import bench, data, decide, demo, intake, model, proof, score, stack

# In the order of `loanstream --help`: each adds its commands to the app.
COMMANDS: tuple[Callable[[typer.Typer], None], ...] = (
    demo.register,
    stack.register,
    intake.register,
    decide.register,
    data.register,
    model.register,
    score.register,
    proof.register,
    bench.register,
)
