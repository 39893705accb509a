"""Errors of actions on tag changes."""

from django.utils.translation import gettext as _

from kernel.errors import RefusedError
from lakeformation.tagging import TagChangeEffects


class TagEffectsChangedError(RefusedError):
    """The effects are not what was shown; `effects` are what they are now."""

    def __init__(self, effects: TagChangeEffects) -> None:
        super().__init__(
            _("The effects of this change have changed since you opened it. Review the current version."),
            "effects_hash",
        )
        self.effects = effects
