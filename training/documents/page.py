"""The measured part of a page: what stands between its two marks, section by section."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_HEAD = re.compile(r"^### (.+)$", re.MULTILINE)


def write_between_marks(out: Path, text: str) -> None:
    """Put the text between the two marks of a Markdown file; one without marks, or none, is given them at its end."""
    before, _, after = _apart(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def replace_sections(out: Path, made: Mapping[str, str], order: Sequence[str]) -> None:
    """Put sections, by title, in the place of those between the marks; all others and the text before them stay.

    made: each section's text without its title; order: the titles of all sections as they follow each other, by which
    one that is not there yet finds its place. A section of a title that is not in `order` stays behind what it follows.
    """
    intro, sections = split_sections(_apart(out)[1].strip())
    for title, text in made.items():
        if title not in sections:
            sections = _inserted(sections, title, order)
        sections[title] = text
    blocks = [intro, *(f"### {title}\n\n{text}" for title, text in sections.items())]
    write_between_marks(out, "\n\n".join(block for block in blocks if block))


def split_sections(text: str) -> tuple[str, dict[str, str]]:
    """Return the text before the first section, and each section's text by its title."""
    intro, *parts = _HEAD.split(text)
    titles, bodies = parts[::2], parts[1::2]
    return intro.strip(), {title: body.strip() for title, body in zip(titles, bodies, strict=True)}


def _inserted(sections: Mapping[str, str], title: str, order: Sequence[str]) -> dict[str, str]:
    """Return the sections with an empty one behind the last of those that the order puts before it."""
    earlier = set(order[: order.index(title)])
    titles = list(sections)
    at = max((i + 1 for i, name in enumerate(titles) if name in earlier), default=0)
    titles.insert(at, title)
    return {name: sections.get(name, "") for name in titles}


def _apart(out: Path) -> tuple[str, str, str]:
    """Return what stands before the marks, between and after them."""
    old = out.read_text(encoding="utf-8") if out.is_file() else "# Training\n"
    if BEGIN not in old or END not in old:
        old = f"{old.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = old.partition(BEGIN)
    between, _, after = rest.partition(END)
    return before, between, after
