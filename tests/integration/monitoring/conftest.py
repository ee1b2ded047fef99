"""The monitor's broker and topics, and the monitor as a process."""

from tests.fixtures.broker import broker, embedded_broker, stream
from tests.fixtures.monitor_process import monitor_env, send_records, start_monitor

__all__ = ["broker", "embedded_broker", "monitor_env", "send_records", "start_monitor", "stream"]
