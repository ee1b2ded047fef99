"""The settings tables of docs/operations.md, made from the settings classes themselves, between their markers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings


@dataclass(frozen=True)
class SettingRow:
    """One setting: the variables that set it, the first one first."""

    variables: tuple[str, ...]
    default: str
    description: str

    def __str__(self) -> str:
        names = " or ".join(f"`{name}`" for name in self.variables)
        return f"| {names} | {self.default} | {self.description} |"


def classes() -> dict[str, type[BaseSettings]]:
    """Return every settings class by the name of its table."""
    from access.settings import AccessSettings
    from credit.wire.topics import Topics
    from desk.settings import DeskSettings
    from ledger.notices.settings import NoticeSettings
    from ledger.settings import LedgerSettings
    from loanstream.settings import Surroundings
    from monitoring.settings import MonitorSettings
    from serve_app.settings import ServingSettings
    from streaming.gateway.scaling import GatewayScaling
    from streaming.kafka.security import KafkaSecurity
    from streaming.settings import StreamingSettings
    from training.settings import TrainingSettings

    return {
        "surroundings": Surroundings,
        "topics": Topics,
        "access": AccessSettings,
        "graph": ServingSettings,
        "gateway": StreamingSettings,
        "gateway-scaling": GatewayScaling,
        "kafka-security": KafkaSecurity,
        "monitor": MonitorSettings,
        "ledger": LedgerSettings,
        "training": TrainingSettings,
        "notices": NoticeSettings,
        "desk": DeskSettings,
    }


def rows(settings: type[BaseSettings]) -> Iterator[SettingRow]:
    prefix = settings.model_config.get("env_prefix", "")
    inherited = {name for base in settings.__bases__ if issubclass(base, BaseSettings) for name in base.model_fields}
    for name, field in settings.model_fields.items():
        if name in inherited:  # a class that several settings share has a table of its own
            continue
        yield SettingRow(tuple(_variables(prefix, name, field)), _default(field), field.description or "")


def _variables(prefix: str, name: str, field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [str(alias)] if alias else [f"{prefix}{name}".upper()]


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value in ({}, [], ()):
        return "none"
    if value is None:
        return "unset"
    if isinstance(value, SecretStr):
        return "secret"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def render(settings: type[BaseSettings]) -> str:
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *map(str, rows(settings))])


def rewritten(page: str) -> str:
    """Return the page with each table between its markers made anew."""
    for name, settings in classes().items():
        begin, end = f"<!-- settings: {name} -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(page):
            raise ValueError(f"the page has no place for {name}: put {begin} and {end} into it")
        table = f"{begin}\n{render(settings)}\n{end}"
        # By split, not by substitution: a description may hold a backslash.
        before, after = pattern.split(page, maxsplit=1)
        page = before + table + after
    return page
