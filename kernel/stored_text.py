"""Text that is stored, and read by others than who caused it, is in English whatever the language of the page."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.utils import translation

P = ParamSpec("P")
R = TypeVar("R")


def builds_stored_text(function: Callable[P, R]) -> Callable[P, R]:
    """Call the function with `LANGUAGE_CODE` active. Its errors are in that language as well: let it raise none."""

    @wraps(function)
    def build(*args: P.args, **kwargs: P.kwargs) -> R:
        with translation.override(settings.LANGUAGE_CODE):
            return function(*args, **kwargs)

    return build
