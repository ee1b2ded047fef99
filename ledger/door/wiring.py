"""Puts the HTTP door together from its settings: the one place where its parts are made."""

from __future__ import annotations

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from credit.errors import SettingsError
from ledger.door.access_log import AccessLog
from ledger.door.app import create_app
from ledger.door.asking import LedgerParts
from ledger.door.one_key import OneKey
from ledger.review.queue import ReviewQueue, ReviewRules
from ledger.review.statistics import ReviewStatistics
from ledger.settings import LedgerSettings
from ledger.wiring import vault_of


def door_of(settings: LedgerSettings, engine: Engine) -> FastAPI:
    """Return the HTTP API over a migrated database; raises SettingsError without an API key."""
    if settings.api_key is None:
        raise SettingsError("no API key: set LOANSTREAM_API_KEY before the ledger's door is started")
    registry = CollectorRegistry()
    vault = vault_of(settings)
    rules = ReviewRules(settings.four_eyes_above, settings.review_days, round(settings.attachment_mb * 1_000_000))
    registry.register(ReviewStatistics(engine, settings.review_days))
    parts = LedgerParts(
        engine,
        vault,
        ReviewQueue(engine, vault, rules),
        AccessLog.beside(engine),
        OneKey(settings.api_key.get_secret_value()),
    )
    return create_app(parts, registry)
