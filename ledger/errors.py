"""What can go wrong in the ledger, in the bank's terms."""

from __future__ import annotations

from credit.errors import DependencyUnavailable, PermanentError, RetryableError


class LedgerUnavailable(DependencyUnavailable):
    """The ledger's database is away, locked or full: it is tried again, and nothing is lost meanwhile.

    Topics keep what the sink has not stored; look at the database's health and disk where it lasts.
    """


class WrongMigration(PermanentError):
    """The database was made by another version of Loanstream: migrate it, or start the version that made it."""


class PositionMoved(RetryableError):
    """Another sink stored these records first: read on from the positions that the database holds."""


class UnknownDecision(PermanentError):
    """The ledger holds no decision of this id: it was never taken, is not stored yet, or its time is over."""


class UnknownReview(PermanentError):
    """There is no review of this id."""


class NotCounted(PermanentError):
    """What was asked for was never counted here: the message says what brings it."""


class UnknownIdentity(PermanentError):
    """No name and no photo are kept of this client."""


class InvalidRequest(PermanentError):
    """A parameter or a field cannot be used: correct it as the message says.

    `field` names it.
    """

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class ReviewConflict(PermanentError):
    """The review is in another state than the request needs: somebody else took, decided or released it. Look again."""


class NoValidKey(PermanentError):
    """The request has no valid API key: send one as X-API-Key."""


class NoLocalUsers(PermanentError):
    """This ledger has no folder of local users: people sign in at the bank's identity provider."""


class NotAllowed(PermanentError):
    """The caller's scopes, role or limit do not allow this: somebody with more has to do it."""


class Erased(PermanentError):
    """The client's key was destroyed: what was personal can be read by nobody any more."""
