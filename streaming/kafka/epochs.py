"""No transaction begins on an epoch on which an earlier request may still arrive.

Brokers tell a producer's requests apart by its epoch and by nothing else. Where a connection breaks, kafka-python sends
the request again without a word, on the same epoch, and the first copy may be under way still: in a proxy, a queue, a
buffer. An `EndTxn` that arrives one transaction late commits half of the next one; a `TxnOffsetCommit` puts the group's
offsets back. A request that was answered cannot come again, so only an unanswered one is a danger, and a new epoch
makes the brokers refuse it whenever it comes (docs/adr/0014-a-new-epoch-after-an-unanswered-request.md).
"""

from __future__ import annotations

from typing import Any, Protocol

from streaming.kafka.doubt import DoubtCause, InDoubt

# A broker gives a new producer id, with epoch 0, to one that bumps the last epoch but one (32,766).
_FIRST_EPOCH = 0


class ProducerIdentity(Protocol):
    """What brokers tell one producer's requests from another's by."""

    producer_id: int
    epoch: int


class TransactionState(Protocol):
    """kafka-python's transaction manager, as far as it is used here; `_lock` holds its sender back."""

    producer_id_and_epoch: ProducerIdentity
    _lock: Any
    _pending_requests: list[Any]

    def bump_producer_id_and_epoch(self) -> None: ...


class RequestSender(Protocol):
    """kafka-python's sender thread, as far as it is used here: `_client.send` is where requests leave."""

    _client: Any

    def wakeup(self) -> None: ...


class EpochGuard:
    """Notes each request of the producer that was sent and not answered, and takes a new epoch after one.

    Make it before the first transaction and after the producer has its epoch. An `InitProducerId` needs no new epoch
    when it comes late: it can end an open transaction, which its producer then notices, but never commit one.
    """

    def __init__(self, state: TransactionState, sender: RequestSender, timeout_s: float) -> None:
        self._state, self._sender, self._timeout_s = state, sender, timeout_s
        self._unanswered = ""
        send = sender._client.send

        def send_and_note(*args: Any, **kwargs: Any) -> Any:
            # First of the callbacks, so the note is there before the client can send again or the caller go on.
            return send(*args, **kwargs).add_errback(self._note)

        sender._client.send = send_and_note

    @property
    def clean(self) -> bool:
        """Whether every request of this epoch was answered."""
        return not self._unanswered

    def require_clean(self) -> None:
        """Raise InDoubt where a request of this epoch may still arrive."""
        if self._unanswered:
            raise InDoubt(f"a request of this epoch may still arrive: {self._unanswered}", DoubtCause.EPOCH)

    def renew(self) -> None:
        """Take the next epoch, between two transactions; raises InDoubt where that fails or takes too long.

        Afterwards the brokers refuse whatever is still under way on the old one.
        """
        before = self.identity
        result = self._bump()
        self._sender.wakeup()
        if not result.wait(timeout_ms=self._timeout_s * 1000):
            raise InDoubt(f"no answer to a new epoch within {self._timeout_s:.0f} s", DoubtCause.EPOCH)
        after = self.identity
        follows = after == (before[0], before[1] + 1) or (after[0] != before[0] and after[1] == _FIRST_EPOCH)
        if not follows:
            raise InDoubt(f"the epoch after {before} cannot be {after}: somebody else had it", DoubtCause.EPOCH)
        self._unanswered = ""

    @property
    def identity(self) -> tuple[int, int]:
        """The producer's id and epoch."""
        now = self._state.producer_id_and_epoch
        return now.producer_id, now.epoch

    def _bump(self) -> Any:
        from kafka.producer.transaction_manager import InitProducerIdHandler

        # The call returns nothing to wait for; what it put into the queue has it, as long as the sender is held back.
        with self._state._lock:
            self._state.bump_producer_id_and_epoch()
            for _, _, handler in self._state._pending_requests:
                if isinstance(handler, InitProducerIdHandler):
                    return handler.result
        raise InDoubt("the producer is beyond a new epoch", DoubtCause.EPOCH)

    def _note(self, error: BaseException) -> None:
        self._unanswered = repr(error)[:200]
