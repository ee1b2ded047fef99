"""The gateway over TLS and SCRAM, with no more rights than the documented ACLs give."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_core import to_json

from credit.errors import DependencyUnavailable
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from streaming.broker.server_settings import SecureListener
from streaming.gateway.gateway import Gateway
from streaming.kafka.acknowledged import AcknowledgedProducer
from streaming.kafka.security import KafkaSecurity
from streaming.proof.readback import prove
from streaming.settings import StreamingSettings
from tests.fixtures.broker import make_stream
from tests.fixtures.deciding import FakeGraph, application

pytestmark = pytest.mark.integration


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate of the loopback; return (key and certificate, certificate alone)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both, alone = folder / "broker.pem", folder / "ca.pem"
    both.write_bytes(secret + pem)
    alone.write_bytes(pem)
    return both, alone


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedBroker, str, KafkaSecurity]]:
    folder = tmp_path_factory.mktemp("secured")
    both, alone = certificate(folder)
    listener = SecureListener(free_port(), both, {"gateway": "gateway-secret"})
    broker = EmbeddedBroker(folder / "kafka", free_port(), secure=listener)
    broker.start()
    security = KafkaSecurity.model_validate(
        {
            "security_protocol": "SASL_SSL",
            "sasl_username": "gateway",
            "sasl_password": "gateway-secret",
            "ssl_ca_file": str(alone),
        }
    )
    yield broker, f"127.0.0.1:{listener.port}", security
    broker.stop()


def grant(bootstrap: str, settings: StreamingSettings) -> None:
    """The ACLs of docs/exactly-once.md, and no others."""
    from kafka.admin import (
        ACL,
        ACLOperation,
        ACLPermissionType,
        ACLResourcePatternType,
        KafkaAdminClient,
        ResourcePattern,
        ResourceType,
    )

    def acl(kind: ResourceType, name: str, operation: ACLOperation, prefixed: bool = False) -> ACL:
        pattern = ACLResourcePatternType.PREFIXED if prefixed else ACLResourcePatternType.LITERAL
        return ACL("User:gateway", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name, pattern))

    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    outputs = (settings.decisions_topic, settings.audit_topic, settings.dead_letters_topic)
    admin.create_acls(
        [
            acl(ResourceType.TOPIC, settings.applications_topic, ACLOperation.READ),
            *(acl(ResourceType.TOPIC, topic, ACLOperation.WRITE) for topic in outputs),
            acl(ResourceType.GROUP, settings.group_id, ACLOperation.READ),
            acl(ResourceType.TRANSACTIONAL_ID, settings.transactional_prefix, ACLOperation.WRITE, prefixed=True),
        ]
    )
    admin.close()


def test_the_gateway_decides_over_tls_with_the_documented_rights(
    secured: tuple[EmbeddedBroker, str, KafkaSecurity],
) -> None:
    """SASL_SSL, SCRAM-SHA-512 and least rights: everything is decided, exactly once."""
    from kafka import KafkaProducer

    broker, secure_bootstrap, security = secured
    stream = make_stream(broker.bootstrap)
    grant(broker.bootstrap, stream.settings)
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for number in range(200):
        producer.send(stream.settings.applications_topic, to_json(application(number)))
    producer.close()
    settings = stream.with_settings(bootstrap_servers=secure_bootstrap)
    gateway = Gateway(settings, FakeGraph(), security)
    gateway.start()
    deadline = time.monotonic() + 60
    while gateway.stats().applications < 200:
        assert time.monotonic() < deadline, gateway.stats().last_error
        time.sleep(0.1)
    assert gateway.stop()
    s = stream.settings
    assert prove(broker.bootstrap, s.applications_topic, s.decisions_topic, s.dead_letters_topic).holds


def test_a_wrong_password_and_a_plain_client_decide_nothing(
    secured: tuple[EmbeddedBroker, str, KafkaSecurity],
) -> None:
    """Neither gets in, and the gateway says why instead of dying."""
    broker, secure_bootstrap, security = secured
    stream = make_stream(broker.bootstrap)
    grant(broker.bootstrap, stream.settings)
    settings = stream.with_settings(bootstrap_servers=secure_bootstrap, start_timeout_s=3.0)
    wrong = KafkaSecurity.model_validate(security.model_dump() | {"sasl_password": "wrong", "sasl_username": "gateway"})
    for refused in (wrong, KafkaSecurity()):
        gateway = Gateway(settings, FakeGraph(), refused)
        gateway.start()
        deadline = time.monotonic() + 30
        while gateway.stats().restarts == 0:
            assert time.monotonic() < deadline, "it should have been refused by now"
            time.sleep(0.1)
        assert gateway.stats().last_error
        assert gateway.stats().applications == 0
        gateway.stop()


def test_audit_records_are_acknowledged_over_tls(secured: tuple[EmbeddedBroker, str, KafkaSecurity]) -> None:
    """librdkafka reads the same settings: with the documented rights it gets in, with a wrong password it does not."""
    broker, secure_bootstrap, security = secured
    topic = make_stream(broker.bootstrap)
    grant(broker.bootstrap, topic.settings)
    writer = AcknowledgedProducer(secure_bootstrap, security, 20.0, 1024 * 1024)

    async def write_once_the_rights_are_known() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(DependencyUnavailable):
                await writer.append(topic.settings.audit_topic, b"record")
                return
        await writer.append(topic.settings.audit_topic, b"record")

    asyncio.run(write_once_the_rights_are_known())
    writer.close()
    wrong = KafkaSecurity.model_validate(security.model_dump() | {"sasl_password": "wrong", "sasl_username": "gateway"})
    refused = AcknowledgedProducer(secure_bootstrap, wrong, 3.0, 1024 * 1024)
    with pytest.raises(DependencyUnavailable, match="acknowledge"):
        asyncio.run(refused.append(topic.settings.audit_topic, b"record"))
    refused.close(0.1)
