"""The cluster's authority signs for each broker's name and address, and for nobody else."""

from __future__ import annotations

import ipaddress
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from deploy.cluster.certificates import Authority, write_certificates


def leaf(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERT") :])


def test_a_certificate_holds_for_its_address_alone() -> None:
    """A client that checks the address, as kafka-python and librdkafka do, takes the right broker and no other."""
    authority = Authority()
    certificate = leaf(authority.key_and_certificate("kafka-1", "10.77.0.11"))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("10.77.0.11")]
    assert names.get_values_for_type(x509.DNSName) == ["kafka-1"]
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.certificate))


def test_another_authority_is_not_trusted() -> None:
    """A certificate of a stranger's authority does not verify."""
    ours, theirs = Authority(), Authority()
    certificate = leaf(theirs.key_and_certificate("kafka-1", "10.77.0.11"))
    store = Store([x509.load_pem_x509_certificate(ours.certificate)])
    verifier = PolicyBuilder().store(store).build_server_verifier(x509.IPAddress(ipaddress.ip_address("10.77.0.11")))
    with pytest.raises(VerificationError):
        verifier.verify(certificate, [])


def test_they_are_made_once_and_keys_are_the_owners(tmp_path: Path) -> None:
    """A second start keeps the first one's authority; a key's file is readable by its owner alone."""
    hosts = {"kafka-1": "10.77.0.11"}
    write_certificates(tmp_path, hosts)
    first = (tmp_path / "ca.pem").read_bytes(), (tmp_path / "kafka-1.pem").read_bytes()
    write_certificates(tmp_path, hosts)
    assert ((tmp_path / "ca.pem").read_bytes(), (tmp_path / "kafka-1.pem").read_bytes()) == first
    assert stat.S_IMODE((tmp_path / "kafka-1.pem").stat().st_mode) == 0o600
    assert isinstance(leaf(first[1]).public_key(), ec.EllipticCurvePublicKey)
