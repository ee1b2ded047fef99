"""The monitor's broker and topics."""

from tests.fixtures.broker import broker, stream

__all__ = ["broker", "stream"]
