"""A letter as HTML: one file with its style, nothing fetched."""

from __future__ import annotations

from dataclasses import asdict

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from credit.errors import SettingsError
from ledger.notices.files import NoticeFiles
from ledger.notices.letter import ApplicantLetter


def html_letter(letter: ApplicantLetter, files: NoticeFiles) -> str:
    """Return the letter by `adverse.html` or `general.html`; raises SettingsError where a template fails."""
    environment = Environment(
        loader=FileSystemLoader([str(folder) for folder in files.folders()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    try:
        return environment.get_template(f"{letter.kind}.html").render(letter=asdict(letter))
    except TemplateError as error:
        raise SettingsError(f"the template {letter.kind}.html of letters fails: {error}") from None
