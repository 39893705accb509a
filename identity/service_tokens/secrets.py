"""Secrets of service tokens: 256 random bits, so a plain digest is enough to store."""

import hashlib
import re
import secrets

PREFIX = "mmk_"
_FORMAT = re.compile(r"mmk_[A-Za-z0-9_-]{43}")
_HINT_LENGTH = 10


def create_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def is_well_formed(secret: str) -> bool:
    return _FORMAT.fullmatch(secret) is not None


def compute_secret_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def get_hint(secret: str) -> str:
    return secret[:_HINT_LENGTH]
