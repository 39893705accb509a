"""Errors of actions that changed nothing. Expected refusals and bugs never share an exception."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from kernel.errors import RefusedError
from lakeformation.effects.table_effects import Effects
from requests_app.policy_engine.rules import RequiredInformation
from requests_app.policy_engine.verdict import PolicyVerdict


class ItemsRefusedError(RefusedError):
    """Some of several items are invalid: `by_table` says why, by the table's id. `field` names the first, as
    `items.0`. Nothing of the others was sent either.
    """

    def __init__(self, place: int, by_table: Mapping[int, str]) -> None:
        super().__init__(next(iter(by_table.values())), f"items.{place}")
        self.by_table = dict(by_table)


class MissingInformationError(RefusedError):
    """Policies require information that is missing or invalid: `by_name` has a message for each field, and one under
    the digest of each text to accept. `field` names the first, as `answers.ticket` or `agrees`; `demands` is all of it.
    """

    def __init__(self, required_information: RequiredInformation, by_name: Mapping[str, str]) -> None:
        first = next(iter(by_name))
        fields = {field.name for field in required_information.fields}
        super().__init__(by_name[first], f"answers.{first}" if first in fields else "agrees")
        self.demands, self.by_name = required_information, dict(by_name)


class EffectsChangedError(Exception):
    """What approval would make true is not what was shown; `effects` and their hash are what it is now."""

    def __init__(self, effects: Effects, effects_hash: str) -> None:
        super().__init__(
            _("The effects of this approval have changed since you opened it. Review the current version.")
        )
        self.effects = effects
        self.effects_hash = effects_hash


class PolicyChangedError(Exception):
    """The policies give another verdict on the request than was shown; `verdict` is what they say now."""

    def __init__(self, verdict: PolicyVerdict) -> None:
        super().__init__(
            _("The policies for this request have changed since you opened it. Review the current version.")
        )
        self.verdict = verdict
