"""Access requests, their items, decisions and grants as the API shows them."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.api.fields import DurationOut, EnumOut, TextOut, TimeOut
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import RecipientOut, TermsOut, WideningOut, recipient_of
from portal.api.state_members import (
    CountsMember,
    EnumMember,
    FlagMember,
    Stateful,
    TimeMember,
    state_members,
    status_in,
)
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem
from requests_app.display_states.rules import get_request_state
from requests_app.grants.end_dates import EndKind, NearestEnd, get_nearest_end
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.policy_engine.request_texts import FURTHER_TEXTS

END_REASONS = ("revoked", "given_back", "expired")


class DecisionOut(serializers.Serializer[Decision]):
    """`on_behalf_of` is the data owner for whom it was decided under a delegation."""

    outcome = EnumOut(("approve", "reject"), source="answer")
    decided_by = Reference()
    on_behalf_of = OptionalReference()
    decided_at = TimeOut()
    comment = TextOut()
    trial_duration = serializers.SerializerMethodField()
    widenings = WideningOut(many=True)

    @extend_schema_field(DurationOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_trial_duration(self, decision: Decision) -> str | None:
        days = decision.trial_days
        return DurationOut().to_representation(timedelta(days=days)) if days else None


class AccessStateOut(Stateful):
    """`presence` is what AWS was found to hold at `observed_at`; `usable` whether nothing else stands in the way, null while
    that is not known. Credentials given out before the end may work until `residual_until`.
    """

    presence = EnumMember(("unseen", "present", "absent", "unknown", "stale", "hold"), allow_null=True)
    usable = FlagMember(allow_null=True)
    observed_at = TimeMember(allow_null=True)
    residual_until = TimeMember(allow_null=True)

    def members_of(self, row: Any) -> Mapping[str, Any]:
        """Returns the members of an item or grant."""
        status = status_in(self.context, row)
        return {
            **state_members(
                status.display_state, status.sentence, row if isinstance(row, RequestItem) else None
            ),
            "presence": status.presence,
            "usable": status.usable,
            "observed_at": status.evidence_at,
            "residual_until": status.residual_until,
        }


class RequestItemOut(Resource, TermsOut, AccessStateOut):
    """One thing in an access request. `required_fields` is what policies required, as it was given."""

    route = "api-request-item"
    access_request = Reference(source="request")
    data_product = OptionalReference(source="product")
    offer_version = OptionalReference(source="offer")
    use = EnumOut(("query", "metadata", "data_api", "training", "export"), allow_null=True)
    expires_at = TimeOut(source="ends_at")
    state_changed_at = TimeOut()
    required_fields = serializers.SerializerMethodField()
    decisions = DecisionOut(many=True)
    grant = OptionalReference()

    def get_html_url(self, row: Any) -> str | None:
        html_url = super().get_html_url(row)
        return html_url.replace("/request-items/", "/reviews/") if html_url else None

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
            },
        }
    )  # type: ignore[untyped-decorator]
    def get_required_fields(self, item: RequestItem) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in item.answers.items()]


class RequestTextsOut(serializers.Serializer[Any]):
    """The texts of a request beside its purpose; `request_path` leads to it from the row."""

    request_path: ClassVar[str] = ""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for text in FURTHER_TEXTS:
            source = {"source": f"{self.request_path}{text.name}"} if self.request_path else {}
            fields[text.name] = TextOut(**source, **({"help_text": text.help_text} if text.help_text else {}))
        return fields


class AccessRequestOut(Resource, RequestTextsOut, Stateful):
    """An access request with those of its items that you may see. Its state is the first that one of its items is in:
    failed, needs attention, not known, waiting for review, applying, ending, active, ended, rejected, withdrawn.
    `taken_over_by` answers for it since its requester left.
    """

    route = "api-access-request"
    name = serializers.SerializerMethodField()
    requester = Reference()
    taken_over_by = OptionalReference()
    team = Reference()
    recipient = serializers.SerializerMethodField()
    purpose = serializers.CharField()
    submitted_at = TimeOut()
    expires_at = TimeOut(source="ends_at")
    item_states = CountsMember(child=serializers.IntegerField(), help_text="how many items are in each state")
    items = RequestItemOut(many=True)

    def get_name(self, asked: AccessRequest) -> str:
        return f"Request {asked.pk}"

    @extend_schema_field(RecipientOut())  # type: ignore[untyped-decorator]
    def get_recipient(self, asked: AccessRequest) -> dict[str, Any]:
        return recipient_of(asked.principal, asked.group, self.context["request"])

    def members_of(self, row: AccessRequest) -> Mapping[str, Any]:
        items = list(row.items.all())
        states = {item.pk: status_in(self.context, item) for item in items}
        shown = get_request_state(state.display_state for state in states.values())
        first = next(item for item in items if states[item.pk].display_state.state == shown.state)
        counts = Counter(state.display_state.state.value for state in states.values())
        return {**state_members(shown, states[first.pk].sentence, first), "item_states": dict(counts)}


class LastUsedOut(serializers.Serializer[Any]):
    """`used_at` is when CloudTrail tells that it was used last. If that is null, it was not used between `since` and `until`;
    if these are null too, nothing is known, and `is_read` says whether CloudTrail is read for the catalog at all.
    `is_never`: it was not used since it was granted.
    """

    used_at = TimeOut(allow_null=True)
    since = TimeOut(allow_null=True)
    until = TimeOut(allow_null=True)
    is_read = serializers.BooleanField(source="has_trail")
    is_never = serializers.BooleanField()


class NearestEndOut(serializers.Serializer[NearestEnd]):
    """When the access ends, and what ends it: its own end (`expiry`), an access review unless a data owner keeps the access, or
    the retirement of its data product.
    """

    at = TimeOut()
    kind = EnumOut([kind.value for kind in EndKind])


class GrantOut(Resource, TermsOut, AccessStateOut):
    """What was agreed, and what AWS holds of it. `expires_at` is what was agreed, `nearest_end` the first of all that end it.
    `end_reason` and `end_comment` are null while it lasts.
    """

    route = "api-grant"
    page_below = "proof/"
    name = serializers.CharField(source="item.name")
    request_item = Reference(source="item")
    access_request = Reference(source="item.request")
    recipient = serializers.SerializerMethodField()
    granted_at = TimeOut()
    expires_at = TimeOut(source="ends_at")
    nearest_end = serializers.SerializerMethodField()
    ended_at = TimeOut(allow_null=True)
    ended_by = OptionalReference()
    end_reason = serializers.SerializerMethodField()
    end_comment = TextOut(source="end_reason")
    is_requester_active = serializers.BooleanField(
        source="item.request.current_requester.is_active", help_text="false: whoever answers for it has left"
    )

    @extend_schema_field(RecipientOut())  # type: ignore[untyped-decorator]
    def get_recipient(self, grant: Grant) -> dict[str, Any]:
        return recipient_of(grant.principal, grant.item.request.group, self.context["request"])

    @extend_schema_field(NearestEndOut())  # type: ignore[untyped-decorator]
    def get_nearest_end(self, grant: Grant) -> dict[str, Any]:
        return NearestEndOut(get_nearest_end(grant)).data

    @extend_schema_field(EnumOut(END_REASONS, allow_null=True))  # type: ignore[untyped-decorator]
    def get_end_reason(self, grant: Grant) -> str | None:
        if grant.state == GrantState.LIVE:
            return None
        if grant.state == GrantState.EXPIRED:
            return "expired"
        asked = grant.item.request
        holders = {asked.requester_id, asked.taken_over_by_id}
        return "given_back" if grant.ended_by_id in holders else "revoked"


class GrantWithUseOut(GrantOut):
    """A grant with when it was last used; `uses` of the context has it by grant."""

    last_used = serializers.SerializerMethodField()

    @extend_schema_field(LastUsedOut)  # type: ignore[untyped-decorator]
    def get_last_used(self, grant: Grant) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", LastUsedOut(self.context["uses"][grant.pk]).data)
