"""`decide`: one application through the running stack's HTTP API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loanstream.commands.context import context_of

if TYPE_CHECKING:
    from rich.console import RenderableType


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(rich_help_panel="Stream")(decide)


def decide(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="JSON file with an application: a message, or just Home Credit's columns.", dir_okay=False),
    ] = None,
    client: Annotated[int | None, typer.Option(help="SK_ID_CURR of a client whose application is on file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the decision as JSON.")] = False,
) -> None:
    """Decide one application, from a file or by client id, and say why."""
    import json

    from rich.console import Console

    from loanstream.api import Api
    from loanstream.stack.surroundings import Place

    if (file is None) == (client is None):
        raise typer.BadParameter("give either a file or --client", param_hint="FILE or --client")
    api = Api(Place.of(context_of(ctx).home))
    message = {"application": api.application_of(client)} if client is not None else read_message(file)
    decision = api.decide(message)
    if as_json:
        typer.echo(json.dumps(decision, indent=2, ensure_ascii=False))
    else:
        Console().print(draw_decision(decision))


def read_message(file: Path | None) -> dict[str, Any]:
    """Return the application message in a file; a bare mapping of columns is put into an envelope."""
    import json

    from credit.errors import TableError

    assert file is not None
    try:
        document = json.loads(file.read_text())
    except FileNotFoundError:
        raise TableError(f"{file} does not exist; name a JSON file with one application") from None
    except (OSError, ValueError) as error:
        raise TableError(f"{file} is not readable JSON ({error}); name a JSON file with one application") from None
    if not isinstance(document, dict):
        raise TableError(f"{file} holds no JSON object; one application is an object of columns")
    return document if "application" in document else {"application": document}


def draw_decision(decision: dict[str, Any]) -> RenderableType:
    """Return a decision as a person reads it."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from loanstream.terminal.style import OUTCOME_COLOUR

    outcome = decision["outcome"]
    head = Text.assemble(
        (outcome.upper(), f"bold {OUTCOME_COLOUR[outcome]}"),
        f"   application {decision['application_id']}, client {decision['sk_id_curr']}",
    )
    figures = Text(
        f"probability of default {100 * decision['probability_of_default']:.1f} % "
        f"(threshold {100 * decision['threshold']:.1f} %), {decision['score_points']} points"
    )
    reasons = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("reason", "", "share", "value", "typical"):
        reasons.add_column(column, justify="right" if column in ("share", "value", "typical") else "left")
    for reason in decision["reasons"]:
        cells = (f"{100 * reason['share']:.0f} %", _cell(reason["value"]), _cell(reason["typical"]))
        reasons.add_row(reason["code"], reason["text"], *cells)
    model = decision["model"]
    foot = Text(
        f"decision {decision['decision_id']} by {model['name']} v{model['version']}, mode {decision['mode']}"
        + ("" if decision["history"] else ", no history of this client"),
        "dim",
    )
    return Group(head, figures, reasons, foot)


def _cell(value: object) -> str:
    if value is None:
        return "missing"
    return (
        f"{value:,.4g}"
        if isinstance(value, float) and abs(value) < 1e4
        else f"{value:,.0f}"
        if isinstance(value, float)
        else str(value)
    )
