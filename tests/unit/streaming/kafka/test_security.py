"""How clients are told to speak to the brokers."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from streaming.kafka.security import KafkaSecurity


def test_sasl_needs_a_user_and_a_password_and_hides_it() -> None:
    """SASL without credentials names the variables; with them the password shows only to the client."""
    with pytest.raises(ValidationError, match="LOANSTREAM_KAFKA_SASL_USERNAME"):
        KafkaSecurity(security_protocol="SASL_SSL")
    security = KafkaSecurity.model_validate(
        {
            "security_protocol": "SASL_SSL",
            "sasl_username": "gateway",
            "sasl_password": "s3cret",
            "ssl_ca_file": "ca.pem",
        }
    )
    options = security.client_options()
    assert options["sasl_plain_password"] == "s3cret"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert "s3cret" not in repr(security)


def test_plain_text_needs_nothing_and_tls_names_its_files() -> None:
    """On the loopback no option but the protocol; over TLS the authority and our own certificate."""
    assert KafkaSecurity().client_options() == {"security_protocol": "PLAINTEXT"}
    options = KafkaSecurity(security_protocol="SSL", ssl_ca_file="ca.pem", ssl_cert_file="c.pem", ssl_key_file="k.pem")
    assert options.client_options() == {
        "security_protocol": "SSL",
        "ssl_cafile": "ca.pem",
        "ssl_certfile": "c.pem",
        "ssl_keyfile": "k.pem",
        "ssl_check_hostname": True,
    }


@pytest.mark.parametrize(("checked", "algorithm"), [(True, "https"), (False, "none")])
def test_both_clients_read_the_same_settings(tmp_path: Path, checked: bool, algorithm: str) -> None:
    """SCRAM and TLS, in kafka-python's words and in librdkafka's; what is not set is not said to librdkafka."""
    ca = str(tmp_path / "ca.pem")
    security = KafkaSecurity.model_validate(
        {
            "security_protocol": "SASL_SSL",
            "sasl_username": "door",
            "sasl_password": "secret",
            "ssl_ca_file": ca,
            "ssl_check_hostname": checked,
        }
    )
    python = security.client_options()
    assert (python["sasl_plain_username"], python["sasl_plain_password"]) == ("door", "secret")
    assert (python["ssl_cafile"], python["ssl_check_hostname"]) == (ca, checked)
    assert security.librdkafka_options() == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "door",
        "sasl.password": "secret",
        "ssl.ca.location": ca,
        "ssl.endpoint.identification.algorithm": algorithm,
    }
