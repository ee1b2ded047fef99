"""Puts the HTTP door together from its settings: the one place where its parts are made."""

from __future__ import annotations

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from access.check import access_check
from access.sessions import Sessions
from access.settings import AccessSettings
from ledger.door.access_log import AccessLog
from ledger.door.app import create_app
from ledger.door.asking import LedgerParts
from ledger.door.callers import KnownCallers
from ledger.door.changes import DecidingApi
from ledger.door.identity import identity_routes
from ledger.door.log import log_routes
from ledger.door.notices import notice_routes
from ledger.door.operations import operation_routes
from ledger.door.portfolio import portfolio_routes
from ledger.door.sessions import session_routes
from ledger.identity.identities import Identities
from ledger.notices.settings import NoticeSettings
from ledger.portfolio.book import Book
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.following import Follower, Following
from ledger.portfolio.monitor import MonitorStatus
from ledger.review.queue import ReviewQueue, ReviewRules
from ledger.review.statistics import ReviewStatistics
from ledger.settings import LedgerSettings
from ledger.wiring import signer_of, vault_of


def door_of(settings: LedgerSettings, engine: Engine) -> FastAPI:
    """Return the HTTP API over a migrated database; raises SettingsError where nobody could call it."""
    registry = CollectorRegistry()
    vault = vault_of(settings)
    rules = ReviewRules(settings.four_eyes_above, settings.review_days, round(settings.attachment_mb * 1_000_000))
    access = AccessSettings(api_key=settings.api_key)
    registry.register(ReviewStatistics(engine, settings.review_days))
    parts = LedgerParts(
        engine,
        vault,
        ReviewQueue(engine, vault, rules),
        AccessLog.beside(engine),
        KnownCallers(access_check(access)),
    )
    search = None
    if settings.api_url is not None and settings.api_key is not None:
        search = DecidingApi(settings.api_url, settings.api_key.get_secret_value())
    sessions = None
    if access.users_folder is not None:
        sessions = Sessions(access.users_folder, 3600 * access.session_hours)
    follower = Follower(engine, settings.portfolio)
    counts = PortfolioCounts(
        follower,
        Book(settings.book_file),
        settings.portfolio,
        settings.portfolio_memory_mb,
        settings.portfolio_threads,
    )
    more = [
        log_routes(vault, signer_of(settings).verifier_key),
        notice_routes(search, NoticeSettings()),
        portfolio_routes(counts),
        operation_routes(counts, MonitorStatus(settings.monitor_url, public_url=settings.monitor_public_url)),
        session_routes(sessions),
        identity_routes(Identities(engine, vault, settings.made_up_identities)),
    ]
    return create_app(parts, registry, more, [Following(follower)])
