"""The answers of a verb that changed nothing. Expected refusals and bugs never share an exception."""

from django.utils.translation import gettext as _

from identity.errors import ForbiddenError, NotFoundError, RefusedError, demand
from lakeformation.effects import Effects

__all__ = ["EffectsChangedError", "ForbiddenError", "NotFoundError", "RefusedError", "demand"]


class EffectsChangedError(Exception):
    """What approval would make true is no longer what was shown; `effects` is what it is now."""

    def __init__(self, effects: Effects) -> None:
        super().__init__(_("What this approval would make true has changed since it was shown. Look again."))
        self.effects = effects
