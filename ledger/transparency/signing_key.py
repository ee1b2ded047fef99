"""The log's Ed25519 key: in a file of the home that only its owner reads, or wherever a setting says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from credit.errors import SettingsError
from ledger.secret_file import read_or_make

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def load_signing_key(path: Path, make: bool = True) -> Ed25519PrivateKey:
    """Return the key in a PEM file, made at first use with mode 0600; raises SettingsError where it is none.

    make: False where a key that is not there must not be replaced by a new one, as heads signed before would then
    be refused.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not make and not path.exists():
        raise SettingsError(f"{path}, the log's signing key, is not there; restore it, or name it by the setting")
    try:
        key = load_pem_private_key(read_or_make(path, _new_key), password=None)
    except (ValueError, TypeError):
        raise SettingsError(f"{path} is no PEM file with a key without a password; name another") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{path} is no Ed25519 key; name another")
    return key


def _new_key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
