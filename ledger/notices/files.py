"""Templates and words: the bank's file where its folder has one, ours else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit.errors import SettingsError

OURS = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class NoticeFiles:
    """The files of letters; `replaced` is the bank's folder, None for ours alone."""

    replaced: Path | None = None

    def folders(self) -> list[Path]:
        """Return where to look, first match wins; raises SettingsError where the bank's folder is not there."""
        if self.replaced is None:
            return [OURS]
        if not self.replaced.is_dir():
            raise SettingsError(f"LOANSTREAM_NOTICE_TEMPLATES names {self.replaced}, which is no folder")
        return [self.replaced, OURS]

    def every(self, *endings: str) -> dict[str, bytes]:
        """Return all files of these endings by name, the bank's over ours."""
        found: dict[str, bytes] = {}
        for folder in reversed(self.folders()):
            for path in sorted(folder.iterdir()):
                if path.is_file() and path.suffix in endings:
                    found[path.name] = path.read_bytes()
        return found

    def words(self, language: str) -> dict[str, Any]:
        """Return the words of a language, the bank's over ours; raises SettingsError where they cannot be read."""
        merged: dict[str, Any] = {}
        for folder in reversed(self.folders()):
            path = folder / f"{language}.toml"
            if path.is_file():
                try:
                    _lay_over(merged, tomllib.loads(path.read_text(encoding="utf-8")))
                except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                    raise SettingsError(f"{path} cannot be read: {error}") from None
        if not merged:
            raise SettingsError(f"no letters in language {language}: write {language}.toml beside the other templates")
        return merged

    def languages(self) -> tuple[str, ...]:
        """Return the languages that have words."""
        return tuple(sorted({path.stem for folder in self.folders() for path in folder.glob("*.toml")}))


def _lay_over(below: dict[str, Any], above: dict[str, Any]) -> None:
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            _lay_over(below[key], value)
        else:
            below[key] = value
