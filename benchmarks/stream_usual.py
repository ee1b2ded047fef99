"""What the gateway is measured against: a bare transactional echo, and the way such a service is usually written."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from typing import Any

from streaming.settings import StreamingSettings


def echo(settings: StreamingSettings, count: int, decisions: list[bytes], audit: bytes) -> float:
    """Consume `count` records and write as much as the gateway does, transactionally; return records a second.

    decisions: what the gateway wrote, in turn, so that it compresses as that does; audit: the audit record of as many
    applications, of which each transaction sends its share. Nothing is parsed, decided or checked.
    """
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.structs import OffsetAndMetadata

    consumer = KafkaConsumer(
        settings.applications_topic,
        bootstrap_servers=settings.bootstrap_servers,
        group_id=settings.group_id,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=settings.max_batch,
        metrics_enabled=False,
    )
    producer = KafkaProducer(
        bootstrap_servers=settings.bootstrap_servers,
        transactional_id=f"echo-{settings.group_id}",
        compression_type=settings.compression,
        batch_size=1024 * 1024,
        max_request_size=settings.max_output_bytes,
        metrics_enabled=False,
    )
    producer.init_transactions()
    each = len(audit) / len(decisions)
    audit *= 1 + settings.max_batch // len(decisions)
    decision = itertools.cycle(decisions)
    done = first = 0
    begin = 0.0
    while done < count:
        polled = consumer.poll(timeout_ms=200)
        if not polled:
            continue
        producer.begin_transaction()
        read = 0
        for records in polled.values():
            for record in records:
                producer.send(settings.decisions_topic, next(decision), key=record.key)
            read += len(records)
        producer.send(settings.audit_topic, audit[: round(each * read)])
        offsets = {tp: OffsetAndMetadata(records[-1].offset + 1, "", -1) for tp, records in polled.items()}
        producer.send_offsets_to_transaction(offsets, consumer.group_metadata())
        producer.commit_transaction()
        done += read
        if not begin:
            first, begin = done, time.perf_counter()
    rate = (done - first) / (time.perf_counter() - begin)
    consumer.close()
    producer.close()
    return rate


def usual_way(settings: StreamingSettings, model_folder: Path, count: int) -> float:
    """Decide and explain `count` records one by one, with a DataFrame, predict and shap; return records a second."""
    import warnings

    import lightgbm
    import pandas as pd
    import shap
    from kafka import KafkaConsumer, KafkaProducer

    from registered_model.manifest_file import read_manifest

    warnings.filterwarnings("ignore", module="shap")
    manifest = read_manifest(model_folder, None)
    booster = lightgbm.Booster(model_file=str(model_folder / manifest.booster))
    explainer = shap.TreeExplainer(booster)
    features = list(manifest.features)
    consumer = KafkaConsumer(
        settings.applications_topic,
        bootstrap_servers=settings.bootstrap_servers,
        group_id=settings.group_id,
        auto_offset_reset="earliest",
    )
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    done = 0
    begin = 0.0
    for record in consumer:
        row: dict[str, Any] = json.loads(record.value)["application"]
        frame = pd.DataFrame([row]).reindex(columns=features).apply(pd.to_numeric, errors="coerce")
        probability = float(booster.predict(frame, num_threads=1)[0])
        values = explainer.shap_values(frame)
        strongest = sorted(zip(features, values[0], strict=True), key=lambda pair: -abs(pair[1]))[:4]
        message = {"id": record.key.decode(), "probability": probability, "reasons": [name for name, _ in strongest]}
        producer.send(settings.decisions_topic, json.dumps(message).encode(), key=record.key)
        done += 1
        begin = begin or time.perf_counter()
        if done == count:
            break
    producer.flush()
    rate = (done - 1) / (time.perf_counter() - begin)
    consumer.close()
    producer.close()
    return rate
