"""The one tree of errors, named in the bank's terms.

Every error says whether trying again can help: a `RetryableError` can pass by itself (a broker that is away), a
`PermanentError` needs somebody to change something first (a table, a model, a setting). No error here knows of HTTP or
Kafka; the doors translate. Messages are one line and end with what to do.
"""

from __future__ import annotations


class LoanstreamError(Exception):
    """Anything that Loanstream raises on purpose; `retryable` says whether the same call may succeed later."""

    retryable: bool = False


class PermanentError(LoanstreamError):
    """Trying again gives the same answer: fix the cause that the message names, then repeat."""


class RetryableError(LoanstreamError):
    """A dependency is away or overloaded: wait and try again, nothing is lost."""

    retryable = True


class InvalidApplication(PermanentError):
    """The application cannot be decided as it was sent: correct the fields that `problems` names and send it again.

    `problems` holds one (field path, what is wrong) pair for each fault found.
    """

    def __init__(self, code: str, problems: list[tuple[str, str]]) -> None:
        self.code = code
        self.problems = problems
        super().__init__(f"{code}: " + "; ".join(f"{path}: {what}" for path, what in problems))


class UnknownClient(PermanentError):
    """The feature store holds no application of this client: send a full one, or materialize the tables again."""


class UnknownFeature(PermanentError):
    """Nothing is known of this feature: name one that the catalog of the model that decides lists."""


class TableError(PermanentError):
    """A table of the data folder is missing, unreadable or not as expected: mend the file that is named."""


class ModelRefused(PermanentError):
    """The model cannot be served by this version of Loanstream: retrain it, or promote another."""


class ModelNotFound(PermanentError):
    """No model is registered under this name, alias or version: run `loanstream train`, or name another."""


class PromotionRefused(PermanentError):
    """The challenger failed a gate that was written down beforehand: the message names the gate and both figures."""


class SettingsError(PermanentError):
    """A setting is missing or contradicts another: change the variable or option that the message names."""


class PortTaken(PermanentError):
    """A port that the stack needs is in use: stop its owner, or set another port with the option that is named."""


class StackError(PermanentError):
    """A process of the one-machine stack did not start or died: read the log that the message names."""


class DependencyUnavailable(RetryableError):
    """The broker, the feature store, the registry or the graph did not answer in time."""


class Overloaded(RetryableError):
    """More work is queued than can be done in time: slow down and try again after `retry_after_s` seconds."""

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class NotReady(RetryableError):
    """The graph has not loaded a model yet: wait until /ready answers 200."""
