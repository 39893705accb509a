"""How role changes are confirmed: the setting is one of two, and `off` is said at each start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name

MODES = ("required", "off")


@register()
def check_second_governor(**_kwargs: Any) -> list[CheckMessage]:
    """An unknown word is no weaker setting; `off` is for a first set-up alone."""
    if settings.SECOND_GOVERNOR not in MODES:
        hint = f"It is one of: {', '.join(MODES)}."
        return [Error("MESHMARKET_SECOND_GOVERNOR is unknown.", hint=hint, id="identity.E001")]
    if settings.SECOND_GOVERNOR == "off":
        hint = "Set MESHMARKET_SECOND_GOVERNOR=required once two governors can sign in."
        return [Warning("One governor can change roles alone.", hint=hint, id="identity.W001")]
    return []
