"""A letter as PDF, set by typst: tagged for readers that speak (PDF/UA-1), the same bytes for the same letter."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

from credit.errors import SettingsError
from ledger.notices.files import NoticeFiles
from ledger.notices.letter import ApplicantLetter

_PLACED = (".typ", ".svg", ".png", ".jpg")


def pdf_letter(letter: ApplicantLetter, files: NoticeFiles, decided_ms: int) -> bytes:
    """Return the letter by `adverse.typ` or `general.typ`; raises SettingsError where a template of the bank fails.

    The letter goes in as data: nothing that an applicant wrote is ever read as markup.
    """
    import typst

    placed = files.every(*_PLACED)
    main = placed.get(f"{letter.kind}.typ")
    if main is None:
        raise SettingsError(f"no template {letter.kind}.typ for letters")
    try:
        pdf: bytes = typst.compile(
            {**placed, "main.typ": main},  # type: ignore[call-overload] # its stub lacks the files that its page names
            sys_inputs={"letter": json.dumps(asdict(letter))},
            pdf_standards=["ua-1"],
            timestamp=datetime.fromtimestamp(decided_ms // 1000, UTC),
            ignore_system_fonts=True,
        )
    except typst.TypstError as error:
        raise SettingsError(f"the template {letter.kind}.typ of letters fails: {error}") from None
    return pdf
