"""Feeds keyed applications, some of them poison, through every outage: a process of its own.

One in forty comes again under the id of one that came shortly before, so that there is an order to keep.

`python -m tests.faults.feeder BOOTSTRAP TOPIC COUNT RATE SEED` prints one line, `fed N`, when the brokers have
acknowledged all of them.
"""

from __future__ import annotations

import json
import random
import sys
import time

from streaming.kafka.security import KafkaSecurity

POISON_EVERY = 150
_AGAIN_EVERY, _AGAIN_AFTER = 40, 23


def application_id(number: int) -> str:
    """Return the id of application `number`, which is its key too."""
    again = number % _AGAIN_EVERY == _AGAIN_EVERY - 1
    return f"app-{number - _AGAIN_AFTER if again else number:08d}"


def payload(number: int, rng: random.Random) -> bytes:
    """Return application `number`; about one in `POISON_EVERY` cannot be read."""
    row = {
        "SK_ID_CURR": 100_000 + number,
        "NAME_CONTRACT_TYPE": "Cash loans",
        "AMT_INCOME_TOTAL": 150000.0,
        "AMT_CREDIT": 300000.0,
        "DAYS_BIRTH": -12000.0,
    }
    message = {"schema_version": 1, "application_id": application_id(number), "application": row}
    if rng.random() > 1 / POISON_EVERY:
        return json.dumps(message).encode()
    kind = rng.randrange(5)
    if kind == 0:
        return json.dumps(message).encode()[: rng.randrange(20, 60)]
    if kind == 1:
        return json.dumps(message | {"schema_version": 7}).encode()
    if kind == 2:
        row["AMT_CREDIT"] = "a lot"
        return json.dumps(message).encode()
    if kind == 3:
        return rng.randbytes(200)
    return json.dumps(message | {"padding": "x" * 70_000}).encode()


def main(bootstrap: str, topic: str, count: int, rate: float, seed: int) -> None:
    from kafka import KafkaProducer

    rng = random.Random(seed)
    failures: list[BaseException] = []
    # Idempotent, and patient enough for every outage of a run: a feeder that gave up or doubled would prove nothing.
    producer = KafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        acks="all",
        compression_type="lz4",
        linger_ms=20,
        delivery_timeout_ms=1_200_000,
        request_timeout_ms=10_000,
        max_block_ms=600_000,
        reconnect_backoff_max_ms=1000,
        metrics_enabled=False,
        **KafkaSecurity().client_options(),
    )
    begin = time.monotonic()
    for number in range(count):
        ahead = number / rate - (time.monotonic() - begin)
        if ahead > 0.02:
            time.sleep(ahead)
        key = application_id(number).encode()
        producer.send(topic, payload(number, rng), key=key).add_errback(failures.append)
        if failures:
            break
    producer.flush(timeout=1200)
    if failures:
        sys.exit(f"the feeder's record was refused: {failures[0]!r}")
    sys.stdout.write(f"fed {count}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
