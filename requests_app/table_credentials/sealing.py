"""Encryption of secrets that a worker hands to the web through the database.

Each secret has a key of its own, beside the site's: the web gets it from the database when the secret is collected.
"""

import base64
import json
from secrets import token_bytes
from typing import Any, NamedTuple

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"meshmarket table credentials"
KEY_BYTES = 32


class SecretWithKey(NamedTuple):
    sealed: bytes
    key: bytes


def seal(secret: dict[str, Any]) -> SecretWithKey:
    key = token_bytes(KEY_BYTES)
    return SecretWithKey(_build_cipher(key).encrypt(json.dumps(secret).encode()), key)


def unseal(sealed: bytes, key: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_build_cipher(key).decrypt(sealed))
    return found


def _build_cipher(key: bytes) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=key, info=_PURPOSE).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
