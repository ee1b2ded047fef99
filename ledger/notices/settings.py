"""What a bank sets about its letters."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class NoticeSettings(BaseSettings):
    """Who writes, in which currency and time, and where replaced files lie."""

    model_config = SettingsConfigDict(env_prefix="LOANSTREAM_NOTICE_", frozen=True)

    bank: str | None = Field(default=None, description="Name in the letterhead; `The bank` without it.")
    address: str | None = Field(default=None, description="The bank's address, lines separated by semicolons.")
    contact: str | None = Field(
        default=None, description="Where an applicant turns to, as it stands after `at`; the branch without it."
    )
    signature: str | None = Field(default=None, description="Who signs; the bank's name without it.")
    authority: str | None = Field(
        default=None, description="Authority that takes complaints, with its address; no sentence without it."
    )
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="ISO 4217 code of amounts; plain numbers without it."
    )
    time_zone: str = Field(default="UTC", description="Zone in which days are told, such as Europe/Paris.")
    contest_days: int = Field(default=30, ge=1, description="Days within which a decision may be contested.")
    templates: Path | None = Field(
        default=None, description="Folder whose files replace those of the same name in ledger/notices/templates."
    )
