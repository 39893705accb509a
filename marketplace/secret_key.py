"""Keys with which nobody may run a site: sessions and links in mails can be forged by whoever guesses the key."""

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 32
FEWEST_DIFFERENT = 8
KNOWN = ("demo-only", "django-insecure", "change-me", "changeme", "for-this-test")
"""Beginnings of keys that are printed somewhere."""


def refuse_weak(key: str) -> None:
    """ImproperlyConfigured for a key that is short, monotonous or public; Django itself refuses to use an empty one."""
    if not key:
        return
    if key.lower().startswith(KNOWN):
        raise ImproperlyConfigured("MESHMARKET_SECRET_KEY is an example that everybody knows: make your own.")
    if len(key) < SHORTEST or len(set(key)) < FEWEST_DIFFERENT:
        raise ImproperlyConfigured(
            f"MESHMARKET_SECRET_KEY is too easy to guess: at least {SHORTEST} random characters are needed."
        )
