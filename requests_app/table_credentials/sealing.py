"""Encryption of secrets that a worker hands to the web through the database."""

import base64
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"meshmarket table credentials"


def seal(secret: dict[str, Any]) -> bytes:
    return _build_cipher(settings.SECRET_KEY).encrypt(json.dumps(secret).encode())


def unseal(sealed: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_build_cipher(settings.SECRET_KEY).decrypt(sealed))
    return found


@lru_cache(maxsize=2)
def _build_cipher(secret_key: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
