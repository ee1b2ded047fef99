"""`train`, `models`, `promote`, `materialize`, `book`: the model, the features it needs, and the clients on file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanstream.commands import options
from loanstream.commands.context import context_of

if TYPE_CHECKING:
    from rich.table import Table

    from credit.rehearsal import RehearsalReport
    from training.fit.measures import Measures
    from training.registry.registry import ModelVersion, Registry

MODEL = "loanstream"
models = typer.Typer(help="List the registered models, or show one.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(rich_help_panel="Model")(train)
    app.add_typer(models, name="models", rich_help_panel="Model")
    app.command(rich_help_panel="Model")(promote)
    app.command(rich_help_panel="Model")(materialize)
    app.command(rich_help_panel="Model")(book)


def train(
    ctx: typer.Context,
    data: options.Data = None,
    seed: options.Seed = 42,
) -> None:
    """Train on a folder's tables and register the model: the first decides, later ones challenge."""
    from rich.console import Console

    from loanstream.stack.prepared import tables_of
    from loanstream.terminal.progress import progress_line
    from training.fit.measures import Measures
    from training.train import train as train_model

    tables = data or tables_of(context_of(ctx).home)
    registry = _registry(ctx)
    console = Console()
    with progress_line(console) as report:
        trained = train_model(
            tables,
            registry.tracking_uri,
            model_name=MODEL,
            seed=seed,
            progress=report,
            artifact_root=_artifact_root(ctx),
        )
    measures = ", ".join(f"{name} {value:.4g}" for name, value in _shown(Measures.of(trained.metrics)).items())
    console.print(
        f"version {trained.version} ({', '.join(trained.aliases) or 'no alias'}): {measures}", highlight=False
    )
    if trained.missing_tables:
        console.print(f"without {', '.join(trained.missing_tables)}: not in {tables}", style="yellow")


def _shown(measures: Measures) -> dict[str, float]:
    """Return the measures that a list has room for, by the heading of each."""
    return {"AUC": measures.auc, "KS": measures.ks, "Brier": measures.brier, "cost": measures.cost}


@models.callback()
def show_models(ctx: typer.Context) -> None:
    """List the registered models, newest first."""
    if ctx.invoked_subcommand is None:
        list_models(ctx)


@models.command("list")
def list_models(ctx: typer.Context) -> None:
    """List the registered models, newest first."""
    from rich.console import Console

    found = _registry(ctx).list_models(MODEL)
    if found:
        Console().print(models_table(found))
    else:
        Console().print("no model is registered; run `loanstream train`")


def models_table(found: list[ModelVersion]) -> Table:
    """Return the list of models as a table, in the order given; a measure that a version lacks is left empty."""
    from rich.table import Table

    from training.fit.measures import Measures

    table = Table(box=None, padding=(0, 1))
    for column in ("version", "alias", "trained"):
        table.add_column(column, no_wrap=True)
    measured = [_shown(Measures.of(version.metrics)) for version in found]
    for column in measured[0]:
        table.add_column(column, justify="right", no_wrap=True)
    for version, measures in zip(found, measured, strict=True):
        cells = ("" if math.isnan(value) else f"{value:.4f}" for value in measures.values())
        table.add_row(version.version, ", ".join(version.aliases), _date(version), *cells)
    return table


@models.command("show")
def show_model(
    ctx: typer.Context,
    which: Annotated[str, typer.Argument(help="Version number or alias.")] = "champion",
    card: Annotated[
        bool | None,
        typer.Option("--card/--no-card", help="Open the model card in a browser; on a terminal the default."),
    ] = None,
) -> None:
    """Show all that the registry knows of one model, and open its model card."""
    from rich.console import Console
    from rich.text import Text

    from credit.errors import ModelNotFound

    registry = _registry(ctx)
    version = registry.get(MODEL, which)
    try:
        page = registry.card(MODEL, version.version, into=_cards(ctx, version)) / "model_card.html"
    except ModelNotFound:  # a model that was registered by other means
        page = None
    rows = {
        "model": f"{version.name} v{version.version}",
        "alias": ", ".join(version.aliases) or "–",
        "trained": _date(version),
        "digest": version.digest,
        "run": version.run_id,
        "card": str(page) if page else "–",
        **{name: f"{value:.6g}" for name, value in sorted(version.metrics.items())},
        **{f"tag {name}": value for name, value in sorted(version.tags.items()) if name != "digest"},
    }
    console = Console()
    width = max(map(len, rows))
    for name, value in rows.items():
        # Lines and no table, which would cut a digest or a path to the terminal's width.
        console.print(Text.assemble((f"  {name:<{width}}", "dim"), f"   {value}"), soft_wrap=True)
    if page and (console.is_terminal if card is None else card):
        typer.launch(page.as_uri())


def promote(
    ctx: typer.Context,
    version: Annotated[str, typer.Argument(help="Version number or alias to let decide.")] = "challenger",
    force: Annotated[
        str | None, typer.Option(help="Promote past failed gates; the reason stays in the registry.", metavar="REASON")
    ] = None,
    gates: Annotated[
        Path | None, typer.Option(help="The gates, as JSON; those that ship with Loanstream if not given.", exists=True)
    ] = None,
    rehearsal: Annotated[
        Path | None, typer.Option(help="Signed JSON report of `loanstream rehearse`, held against the gates too.")
    ] = None,
    require_rehearsal: Annotated[
        bool,
        typer.Option(
            "--require-rehearsal", envvar="LOANSTREAM_REQUIRE_REHEARSAL", help="Refuse without such a report."
        ),
    ] = False,
) -> None:
    """Let a version decide if it passes the gates; running replicas take it up without a failed request."""
    from training.registry.gates import GATES_FILE
    from training.registry.promote import promote as promote_version

    report = None if rehearsal is None else _verified(ctx, rehearsal)
    done = promote_version(
        _registry(ctx),
        MODEL,
        version,
        force_reason=force,
        gates_file=gates or GATES_FILE,
        rehearsal=report,
        require_rehearsal=require_rehearsal,
    )
    for result in done.gates:
        typer.echo(f"{'passed' if result.passed else 'FAILED'}: {result}")
    before = f" instead of {done.previous}" if done.previous else ""
    typer.echo(f"version {done.version.version} decides from now on{before}; running replicas take it up in seconds")


def _verified(ctx: typer.Context, file: Path) -> RehearsalReport:
    from loanstream.commands.proof import REHEARSAL_KEY
    from streaming.proof.report import read_report

    return read_report(file, context_of(ctx).home.root / REHEARSAL_KEY)


def materialize(ctx: typer.Context, data: options.Data = None) -> None:
    """Write what is known of every client into the online store, swapped in whole."""
    from rich.console import Console

    from loanstream.materialize import materialize_into
    from loanstream.stack.prepared import tables_of
    from loanstream.stack.surroundings import Place
    from loanstream.terminal.progress import progress_line

    home = context_of(ctx).home
    home.prepare()
    folder = data or tables_of(home)
    console = Console()
    with progress_line(console) as report:
        done = materialize_into(folder, Place.of(home).environment(), report)
    same = " (unchanged)" if done["unchanged"] else ""
    console.print(
        f"{done['clients']:,} clients with history, {done['applications']:,} applications in {done['store']}{same}",
        highlight=False,
    )


def book(ctx: typer.Context, data: options.Data = None) -> None:
    """Score the labelled clients with the champion for the portfolio: bands, scores and outcomes, without numbers."""
    from rich.console import Console

    from loanstream.book import make_book_into
    from loanstream.stack.prepared import fingerprint, tables_of
    from loanstream.stack.surroundings import Place
    from loanstream.terminal.progress import progress_line

    home = context_of(ctx).home
    home.prepare()
    folder = data or tables_of(home)
    console = Console()
    with progress_line(console) as report:
        done = make_book_into(folder, fingerprint(folder), Place.of(home).environment(), report)
    same = "as it was" if done["unchanged"] else f"{done['clients']:,} clients"
    console.print(f"the book of version {done['version']}: {same}", highlight=False)


def _registry(ctx: typer.Context) -> Registry:
    from loanstream.stack.surroundings import Place
    from training.registry.registry import Registry

    return Registry(Place.of(context_of(ctx).home).tracking_uri, _artifact_root(ctx))


def _artifact_root(ctx: typer.Context) -> Path | None:
    """Return the home's folder of artifacts, None where MLflow's store is a server's."""
    from loanstream.stack.surroundings import Place

    home = context_of(ctx).home
    if Place.of(home).around.tracking_uri is not None:
        return None
    home.prepare()
    return home.artifacts


def _cards(ctx: typer.Context, version: ModelVersion) -> Path:
    """Return the home's folder for a version's model card, made where it is not there yet."""
    folder = context_of(ctx).home.root / "cards" / version.version
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _date(version: ModelVersion) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(version.created_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
