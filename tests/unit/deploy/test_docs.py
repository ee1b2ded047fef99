"""What the documents promise is there: links, commands, settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from loanstream.generate.settings_tables import SettingRow, classes, rows
from tests.unit.deploy.files import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RECORDS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(page: Path) -> str:
    """Return a page without its comments: what a reader sees."""
    return re.sub(r"<!--.*?-->", "", page.read_text(), flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as a forge makes them."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file that is there, and to a heading that it has."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def code_of(page: Path) -> str:
    """Return all that is set as code on a page, blocks and words."""
    text = text_of(page)
    return "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_exist(page: Path) -> None:
    """Each `make target` that a page tells is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code_of(page))) <= targets


def told_commands(page: Path) -> Iterator[list[str]]:
    for line in code_of(page).splitlines():
        for told in re.findall(r"(?:^|[\s/])loanstream ((?:--home \S+ )?[a-z][^#|&;`]*)", line):
            words = shlex.split(told, posix=True)
            yield words[2:] if words[:1] == ["--home"] else words


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_exist(page: Path) -> None:
    """Each `loanstream command --option` that a page tells is one of the command line's."""
    import click
    import typer

    from loanstream.cli import app

    root = typer.main.get_command(app)
    unknown = []
    for words in told_commands(page):
        command: click.Command = root
        options = []
        for word in (word.rstrip(",") for word in words):
            inner = getattr(command, "commands", {}).get(word)
            if inner is not None:
                command = inner
            elif word.startswith("--"):
                options.append(word.split("=")[0])
        known = {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}
        if command is root or not set(options) - {"--help"} <= known:
            unknown.append(" ".join(words))
    assert unknown == []


@pytest.mark.parametrize("table", classes())
def test_every_setting_is_documented(table: str) -> None:
    """docs/operations.md has each field of each settings class with its variable and its default."""
    page = (ROOT / "docs/operations.md").read_text()
    place = re.search(rf"<!-- settings: {table} -->(.*?)<!-- end of {table} -->", page, re.DOTALL)
    assert place is not None, f"no table of {table}"

    def facts(row: SettingRow) -> str:
        return str(row).rsplit("|", 2)[0]

    told = {line.rsplit("|", 2)[0] for line in place[1].splitlines() if line.startswith("| `")}
    wanted = {facts(row) for row in rows(classes()[table])}
    assert told == wanted, "run `make generate`"


def test_every_setting_says_what_it_is() -> None:
    """No field of a settings class is without its sentence."""
    assert [row.variables for settings in classes().values() for row in rows(settings) if not row.description] == []


@pytest.mark.parametrize("record", RECORDS, ids=name_of)
def test_a_decision_record_is_whole_and_listed(record: Path) -> None:
    """A record has its number, a status, a date, the alternatives and a line to quote, and stands in the list."""
    text = record.read_text()
    assert text.startswith(f"# {record.name[:4]}. ")
    assert re.search(r"^(?:#+ |\*\*)?Status", text, re.MULTILINE)
    assert re.search(r"^Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE), "no date"
    assert re.search(r"^## Alternatives$", text, re.MULTILINE), "no alternatives"
    assert re.search(r"^> \S", text, re.MULTILINE), "no line to quote"
    assert f"]({record.name})" in (ROOT / "docs/adr/README.md").read_text()


def test_record_numbers_are_unique_and_without_holes() -> None:
    """Records count from 1, one after the other."""
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


def test_the_example_of_an_application_is_one(tmp_path: Path) -> None:
    """The application in docs/api.md is refused for nothing but the columns that the page says it leaves out."""
    from credit.schema import APPLICATION_COLUMNS
    from credit.wire.application import parse_applications

    example = re.search(r"### An application\n\n```json\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL)
    assert example is not None
    parsed = parse_applications([example[1].encode()], [1714635060000])
    required = {f"application.{column.name}" for column in APPLICATION_COLUMNS if column.required}
    problems = {path for rejection in parsed.rejected for path, _ in rejection.problems}
    assert problems <= required


@pytest.mark.parametrize("settings", classes().values(), ids=list(classes()))
def test_every_default_is_one_that_a_person_can_read(settings: type[BaseSettings]) -> None:
    """Also that of a setting whose default is made anew each time."""
    for row in rows(settings):
        assert "Undefined" not in str(row)
        assert "<" not in row.default
