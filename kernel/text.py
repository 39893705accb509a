"""Text that people write: its checks, its language where it is stored, and comparison by lines."""

import difflib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.utils import translation
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
    """A slug of the name, with room for a number; `default` if no letter of it is left."""
    return slugify(name)[: MAX_SLUG_LENGTH - NUMBER_LENGTH].strip("-") or default


def choose_free_slug(candidates: tuple[str, ...], taken: Collection[str]) -> str:
    """The first candidate that is not taken, else the last of them with a number."""
    numbered = (f"{candidates[-1]}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (*candidates, *numbered) if slug not in taken)


P = ParamSpec("P")
R = TypeVar("R")


def builds_stored_text(function: Callable[P, R]) -> Callable[P, R]:
    """Call the function with `LANGUAGE_CODE` active. Its errors are in that language as well: let it raise none."""

    @wraps(function)
    def build(*args: P.args, **kwargs: P.kwargs) -> R:
        with translation.override(settings.LANGUAGE_CODE):
            return function(*args, **kwargs)

    return build


@dataclass(frozen=True)
class DiffLine:
    """`kind` is add, remove or same; `sign` precedes it."""

    kind: str
    sign: str
    text: str


def compare_lines(before: Sequence[str], after: Sequence[str]) -> list[DiffLine]:
    """What changes from one to the other, with what stays around it."""
    kinds = {"+": "add", "-": "remove", " ": "same"}
    lines = difflib.ndiff(before, after)
    return [DiffLine(kinds[line[0]], line[0].strip(), line[2:]) for line in lines if line[0] in kinds]
