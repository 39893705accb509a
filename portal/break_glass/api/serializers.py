"""Break-glass consents and sessions as the API reads and writes them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.api.fields import (
    DurationIn,
    DurationOut,
    EndField,
    EnumOut,
    IdIn,
    ReferenceIn,
    TextIn,
    TextOut,
    TimeOut,
)
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import (
    ALL,
    COLUMN_MODES,
    LISTED,
    EffectsOut,
    StrictSerializer,
)
from portal.api.state_members import Stateful, state_members, status_in
from portal.break_glass.presenters import (
    CONSENT_LIFECYCLES,
    build_session_items,
    get_consent_lifecycle,
    get_session_state,
)
from requests_app.break_glass.actions import MAX_TABLES
from requests_app.break_glass.models import MAX_HOURS, BreakGlassConsent, BreakGlassSession, ConsentTable
from requests_app.break_glass.queries import list_session_grants
from requests_app.break_glass.states import BreakGlassState
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

MAX_COLUMNS = 5000


class CoveredTableOut(serializers.Serializer[ConsentTable]):
    """All rows of a table, with the listed columns or all columns."""

    table = Reference()
    column_mode = serializers.SerializerMethodField()
    columns = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(EnumOut(COLUMN_MODES))  # type: ignore[untyped-decorator]
    def get_column_mode(self, covered: ConsentTable) -> str:
        return LISTED if covered.columns else ALL


class ConsentOut(Resource):
    """`person` may open these tables as `principal` for `max_duration`, when `second_person` confirms."""

    route = "api-break-glass-consent"
    has_page = False
    domain = Reference()
    lifecycle = serializers.SerializerMethodField()
    granted_by = Reference()
    created_at = TimeOut(source="granted_at")
    person = Reference(source="recipient")
    second_person = Reference(source="confirmer")
    principal = Reference()
    tables = CoveredTableOut(many=True, source="covered")
    max_duration = serializers.SerializerMethodField()
    expires_at = TimeOut(source="until")
    comment = TextOut(source="reason")
    revoked_at = TimeOut(source="withdrawn_at", allow_null=True)
    revoked_by = OptionalReference(source="withdrawn_by")

    @extend_schema_field(EnumOut([one.value for one in CONSENT_LIFECYCLES]))  # type: ignore[untyped-decorator]
    def get_lifecycle(self, consent: BreakGlassConsent) -> str:
        return get_consent_lifecycle(consent, self.context["now"]).value

    @extend_schema_field(DurationOut())  # type: ignore[untyped-decorator]
    def get_max_duration(self, consent: BreakGlassConsent) -> str:
        return DurationIn("hours", MAX_HOURS).to_representation(consent.hours)


class BreakGlassSessionOut(Resource, Stateful):
    """Access in an emergency. Its access request has the items. If nobody confirms by `confirm_by_at`, data owners decide."""

    route = "api-break-glass-session"
    consent = Reference()
    access_request = Reference(source="request")
    opened_by = Reference(source="started_by")
    created_at = TimeOut(source="started_at")
    confirm_by_at = TimeOut(source="expires_at")
    expires_at = TimeOut(source="request.ends_at")
    is_live = serializers.BooleanField()
    confirmed_by = OptionalReference()
    confirmed_at = TimeOut(allow_null=True)
    reviewed_by = OptionalReference()
    reviewed_at = TimeOut(allow_null=True)
    review_comment = TextOut(source="review")

    def members_of(self, row: BreakGlassSession) -> Mapping[str, Any]:
        live = list_session_grants(row).filter(state=GrantState.LIVE) if row.is_live else Grant.objects.none()  # type: ignore[attr-defined]
        grants = ((grant, status_in(self.context, grant)) for grant in live)
        return state_members(get_session_state(row, grants, self.context["now"]))


class SessionEffectsOut(serializers.Serializer[Any]):
    """An item of the session, and what confirming it would approve."""

    request_item = Reference(source="item")
    effects_hash = serializers.CharField()
    effects = EffectsOut()


class BreakGlassSessionDetailOut(BreakGlassSessionOut):
    """`effects`, while it waits for the second person: confirm with each item's `effects_hash`. Null afterwards."""

    effects = serializers.SerializerMethodField()

    @extend_schema_field(SessionEffectsOut(many=True, allow_null=True))  # type: ignore[untyped-decorator]
    def get_effects(self, session: BreakGlassSession) -> Any:
        if session.state != BreakGlassState.REQUESTED:
            return None
        return SessionEffectsOut(build_session_items(session), many=True, context=self.context).data


class CoveredTableIn(StrictSerializer):
    table = IdIn()
    column_mode = serializers.ChoiceField(COLUMN_MODES)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=255), default=list, max_length=MAX_COLUMNS
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["column_mode"] == ALL) == bool(attrs["columns"]):
            raise serializers.ValidationError({"columns": _("List columns, or send `all` and no columns.")})
        return attrs


class ConsentIn(StrictSerializer):
    domain = ReferenceIn()
    person = ReferenceIn(help_text="who may open the tables, by id or e-mail")
    second_person = ReferenceIn(help_text="who confirms, by id or e-mail")
    principal = ReferenceIn(help_text="ARN of the role or user")
    tables: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=CoveredTableIn(), min_length=1, max_length=MAX_TABLES
    )
    max_duration = DurationIn("hours", MAX_HOURS)
    expires_at = EndField()
    comment = TextIn(allow_blank=True)


class SessionIn(StrictSerializer):
    consent = IdIn()
    duration = DurationIn("hours", MAX_HOURS)
    comment = TextIn(allow_blank=True)


class ShownEffectsIn(StrictSerializer):
    request_item = IdIn()
    effects_hash = serializers.CharField(max_length=64)


class ConfirmationIn(StrictSerializer):
    """The `effects_hash` of each item, from the session."""

    effects: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=ShownEffectsIn(), max_length=MAX_TABLES
    )
