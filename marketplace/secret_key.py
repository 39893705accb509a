"""Refuse weak secret keys: whoever guesses the key can forge sessions and signed links."""

from django.core.exceptions import ImproperlyConfigured

MIN_LENGTH = 32
MIN_DISTINCT_CHARACTERS = 8
KNOWN_PREFIXES = ("demo-only", "django-insecure", "change-me", "changeme", "for-this-test")
"""Prefixes of published example keys."""


def check_secret_key(key: str) -> None:
    """ImproperlyConfigured for a key that is short, monotonous or public; Django itself refuses to use an empty one."""
    if not key:
        return
    if key.lower().startswith(KNOWN_PREFIXES):
        raise ImproperlyConfigured("MESHMARKET_SECRET_KEY is an example that everybody knows: make your own.")
    if len(key) < MIN_LENGTH or len(set(key)) < MIN_DISTINCT_CHARACTERS:
        raise ImproperlyConfigured(
            f"MESHMARKET_SECRET_KEY is too easy to guess: at least {MIN_LENGTH} random characters are needed."
        )
