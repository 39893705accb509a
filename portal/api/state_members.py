"""The state of a thing in an answer: `state`, `state_reason`, `next` and `sentence`, from the states that pages show."""

from collections.abc import Mapping
from typing import Any, cast

from rest_framework import serializers

from fulfilment.observations.models import ReadingTimes
from portal.api.fields import EnumOut, StateOut, TextOut, TimeOut
from requests_app.access_requests.models import RequestItem
from requests_app.display_states.vocabulary import DisplayState, Reason, State
from requests_app.grants.models import Grant
from requests_app.policy_engine.rules import DeciderRole
from requests_app.review.access_status import AccessStatus, get_access_status

PORTAL, OWNER, REQUESTER = "portal", "data_owner", "requester"
NEXT_BY_REASON = {
    Reason.NO_OWNER: "steward",
    Reason.REQUESTER_INACTIVE: "team",
    Reason.CHANGES_REQUESTED: REQUESTER,
    Reason.UNJUSTIFIED: "governance_admin",
    Reason.LINK_NAME_TAKEN: "account_admin",
    Reason.NOT_USABLE: "account_admin",
    Reason.TO_BE_PASSED_ON: "account_admin",
    Reason.MANY_TABLES_MISSING: "steward",
    Reason.PARTLY_READ: "steward",
    Reason.SECOND_PERSON: "second_person",
    Reason.TO_BE_REVIEWED: OWNER,
}
NEXT_BY_STATE = {
    State.WAITING_FOR_REVIEW: OWNER,
    State.APPLYING: PORTAL,
    State.ENDING: PORTAL,
    State.FAILED: PORTAL,
    State.NOT_KNOWN: PORTAL,
    State.NEEDS_ATTENTION: OWNER,
}
ROLES = {DeciderRole.OWNER.value: OWNER, DeciderRole.PRIVACY.value: "privacy_officer"}
ACTORS = sorted({*NEXT_BY_REASON.values(), *NEXT_BY_STATE.values(), "privacy_officer", "lead"})


def next_of(shown: DisplayState, item: RequestItem | None = None) -> str | None:
    """Who acts next; nobody does where it stays so."""
    if item is not None and shown.state == State.WAITING_FOR_REVIEW and item.waits_for:
        return ROLES.get(item.waits_for[0], item.waits_for[0])
    return NEXT_BY_REASON.get(shown.reason) or NEXT_BY_STATE.get(shown.state)


def state_members(shown: DisplayState, sentence: str = "", item: RequestItem | None = None) -> dict[str, Any]:
    """As `Stateful`."""
    return {
        "state": shown.state.value,
        "state_reason": shown.reason.value or None,
        "next": next_of(shown, item),
        "sentence": sentence or None,
    }


class _Member:
    """A field whose value comes from `members_of` of its serializer, whatever its row calls it."""

    parent: Any
    field_name: Any

    def get_attribute(self, _instance: Any) -> Any:
        return self.parent.members[self.field_name]


class StateMember(_Member, StateOut):
    pass


class EnumMember(_Member, EnumOut):
    pass


class TextMember(_Member, TextOut):
    pass


class TimeMember(_Member, TimeOut):
    pass


class FlagMember(_Member, serializers.BooleanField):
    pass


class CountsMember(_Member, serializers.DictField):
    pass


class Stateful(serializers.Serializer[Any]):
    """`state_reason` says which case of the state it is, `next` who acts, `sentence` is for people."""

    state = StateMember()
    state_reason = EnumMember([one.value for one in Reason if one.value], allow_null=True)
    next = EnumMember(ACTORS, allow_null=True)
    sentence = TextMember()

    members: Mapping[str, Any]
    """Those of the row that is being serialized."""

    def to_representation(self, instance: Any) -> Any:
        self.members = self.members_of(instance)
        return super().to_representation(instance)

    def members_of(self, row: Any) -> Mapping[str, Any]:
        """A row that is a mapping has members of its own."""
        return cast("Mapping[str, Any]", row)


def readings_in(context: Mapping[str, Any]) -> ReadingTimes:
    """Reading times, read once for an answer."""
    kept = cast("dict[str, Any]", context)
    return cast("ReadingTimes", kept.setdefault("readings", ReadingTimes()))


def status_in(context: Mapping[str, Any], row: RequestItem | Grant) -> AccessStatus:
    """Returns the status of an item or grant; computed once in an answer."""
    kept = cast("dict[str, Any]", context).setdefault("statuses", {})
    key = (type(row), row.pk)
    if key not in kept:
        kept[key] = get_access_status(row, now=context["now"], readings=readings_in(context))
    return cast("AccessStatus", kept[key])
