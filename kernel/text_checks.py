"""Checks of text that people write."""

from collections.abc import Collection

from django.utils.text import slugify
from django.utils.translation import gettext as _

from kernel.errors import RefusedError
from kernel.storable_text import UNSTORABLE_CHARACTERS

MAX_SLUG_LENGTH, NUMBER_LENGTH = 50, 4


def check_length(text: str, field: str, most: int) -> None:
    """RefusedError for the field if the text is longer."""
    if len(text) > most:
        raise RefusedError(_("Use at most %(most)s characters.") % {"most": most}, field)


def check_storable(text: str, field: str) -> None:
    """RefusedError for the field if PostgreSQL cannot store the text."""
    if UNSTORABLE_CHARACTERS.search(text):
        raise RefusedError(_("Remove the characters that can't be stored."), field)


def check_text(text: str, field: str, most: int, missing: str = "") -> str:
    """The text stripped. RefusedError for the field if it is too long or cannot be stored, or with `missing` if it is empty."""
    stripped = text.strip()
    if missing and not stripped:
        raise RefusedError(missing, field)
    check_storable(text, field)
    check_length(text, field, most)
    return stripped


def build_slug(name: str, default: str) -> str:
    """Of the name, with room for a number; `default` if no letter of it is left."""
    return slugify(name)[: MAX_SLUG_LENGTH - NUMBER_LENGTH].strip("-") or default


def choose_free_slug(candidates: tuple[str, ...], taken: Collection[str]) -> str:
    """The first candidate that is not taken, else the last of them with a number."""
    numbered = (f"{candidates[-1]}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (*candidates, *numbered) if slug not in taken)
