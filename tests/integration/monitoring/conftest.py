"""The monitor's broker and topics."""

from tests.fixtures.broker import broker, embedded_broker, stream

__all__ = ["broker", "embedded_broker", "stream"]
