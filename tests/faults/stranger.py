"""A member that joins the gateways' group, takes partitions, commits nothing, and leaves: it only makes rebalances."""

from __future__ import annotations

import sys
import time


def main(bootstrap: str, topic: str, group: str, seconds: float) -> None:
    from kafka import KafkaConsumer

    consumer = KafkaConsumer(topic, bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        consumer.poll(timeout_ms=200, max_records=1)
    consumer.close(autocommit=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
