"""How every part speaks to the brokers, read from one set of variables."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSecurity(BaseSettings):
    """How to speak to the brokers: plain text on the loopback, TLS and SCRAM everywhere else."""

    model_config = SettingsConfigDict(env_prefix="LOANSTREAM_KAFKA_", frozen=True, extra="ignore")

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="Protocol of the brokers' listener."
    )
    sasl_mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] = Field(
        default="SCRAM-SHA-512", description="How a SASL listener authenticates us."
    )
    sasl_username: str | None = Field(default=None, description="User at a SASL listener.")
    sasl_password: SecretStr | None = Field(default=None, description="Password at a SASL listener.")
    ssl_ca_file: str | None = Field(default=None, description="PEM file of the authority that signed the brokers.")
    ssl_cert_file: str | None = Field(default=None, description="PEM file of our own certificate, for mutual TLS.")
    ssl_key_file: str | None = Field(default=None, description="PEM file of our own key, for mutual TLS.")
    ssl_check_hostname: bool = Field(default=True, description="Whether a broker's certificate must name its host.")

    @model_validator(mode="after")
    def _complete(self) -> KafkaSecurity:
        if self.security_protocol.startswith("SASL") and not (self.sasl_username and self.sasl_password):
            raise ValueError(
                "set LOANSTREAM_KAFKA_SASL_USERNAME and LOANSTREAM_KAFKA_SASL_PASSWORD for a SASL listener"
            )
        return self

    def client_options(self) -> dict[str, Any]:
        """Return the keyword arguments that make a kafka-python client speak this protocol."""
        options: dict[str, Any] = {"security_protocol": self.security_protocol}
        if self.security_protocol.startswith("SASL"):
            assert self.sasl_password is not None
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value(),
            }
        if self.security_protocol.endswith("SSL"):
            options |= {
                "ssl_cafile": self.ssl_ca_file,
                "ssl_certfile": self.ssl_cert_file,
                "ssl_keyfile": self.ssl_key_file,
                "ssl_check_hostname": self.ssl_check_hostname,
            }
        return options

    def librdkafka_options(self) -> dict[str, Any]:
        """Return the configuration that makes a librdkafka client speak this protocol."""
        options: dict[str, Any] = {"security.protocol": self.security_protocol}
        if self.security_protocol.startswith("SASL"):
            assert self.sasl_password is not None
            options |= {
                "sasl.mechanism": self.sasl_mechanism,
                "sasl.username": self.sasl_username,
                "sasl.password": self.sasl_password.get_secret_value(),
            }
        if self.security_protocol.endswith("SSL"):
            files = {
                "ssl.ca.location": self.ssl_ca_file,
                "ssl.certificate.location": self.ssl_cert_file,
                "ssl.key.location": self.ssl_key_file,
            }
            options |= {name: path for name, path in files.items() if path is not None}
            options["ssl.endpoint.identification.algorithm"] = "https" if self.ssl_check_hostname else "none"
        return options
