"""Break-glass: consents, and the sessions that are opened under them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from catalog.mirror.models import Table
from catalog.products.models import Domain
from identity.accounts.models import Principal
from identity.errors import RefusedError, demand
from identity.people.models import Person
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
from portal.api.filters import by_text, filtered
from portal.api.idempotency import key_of
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.people import person_in
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import (
    ALL,
    COLUMN_MODES,
    LISTED,
    CommentIn,
    EffectsOut,
    EmptyIn,
    StrictSerializer,
    read_body,
)
from portal.api.state_members import Stateful, readings_in, state_members
from portal.pages.signed_in import person_of
from requests_app.access_requests.models import Item
from requests_app.break_glass.actions import (
    MAX_TABLES,
    confirm_break_glass,
    end_break_glass,
    give_consent,
    review_break_glass,
    take_break_glass,
    withdraw_consent,
)
from requests_app.break_glass.may import may_give_consent
from requests_app.break_glass.models import MAX_HOURS, BreakGlass, ConsentTable, StandingConsent
from requests_app.break_glass.queries import (
    get_consent,
    get_session,
    list_consents,
    list_session_items,
    list_sessions,
)
from requests_app.break_glass.states import BreakGlassState
from requests_app.display_states.rules import BreakGlassFacts, get_break_glass_state
from requests_app.grants.end_dates import has_ended
from requests_app.grants.models import Grant
from requests_app.review.access_status import get_access_status
from requests_app.review.approval_hash import compute_approval_hash
from requests_app.targets.access import compute_effects

CONSENT_LIFECYCLES = ("active", "revoked", "expired")
MOST_COLUMNS = 5000
FILTERS = (by_text("domain", "domain__slug", "The domain whose data it covers."),)
SESSION_FILTERS = (by_text("domain", "consent__domain__slug", "The domain whose data it is for."),)


class CoveredTableOut(serializers.Serializer[ConsentTable]):
    """All rows; of the columns those that are listed, or all."""

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
    given_by = Reference()
    created_at = TimeOut(source="given_at")
    person = Reference(source="taker")
    second_person = Reference(source="second")
    principal = Reference()
    tables = CoveredTableOut(many=True, source="covered")
    max_duration = serializers.SerializerMethodField()
    expires_at = TimeOut(source="until")
    comment = TextOut(source="reason")
    revoked_at = TimeOut(source="withdrawn_at", allow_null=True)
    revoked_by = OptionalReference(source="withdrawn_by")

    @extend_schema_field(EnumOut(CONSENT_LIFECYCLES))  # type: ignore[untyped-decorator]
    def get_lifecycle(self, consent: StandingConsent) -> str:
        if consent.withdrawn_at:
            return "revoked"
        return "expired" if consent.until <= self.context["now"] else "active"

    @extend_schema_field(DurationOut())  # type: ignore[untyped-decorator]
    def get_max_duration(self, consent: StandingConsent) -> str:
        return DurationIn("hours", MAX_HOURS).to_representation(consent.hours)


class BreakGlassSessionOut(Resource, Stateful):
    """Access in an emergency. Its access request has the items. If nobody confirms by `confirm_by_at`, data owners decide."""

    route = "api-break-glass-session"
    consent = Reference()
    access_request = Reference(source="request")
    opened_by = Reference(source="taken_by")
    created_at = TimeOut(source="taken_at")
    confirm_by_at = TimeOut(source="lapses_at")
    expires_at = TimeOut(source="request.ends_at")
    is_live = serializers.BooleanField()
    confirmed_by = OptionalReference()
    confirmed_at = TimeOut(allow_null=True)
    reviewed_by = OptionalReference()
    reviewed_at = TimeOut(allow_null=True)
    review_comment = TextOut(source="review")

    def members_of(self, row: BreakGlass) -> Mapping[str, Any]:
        kept = self.context.setdefault("sessions", {})  # type: ignore[attr-defined]
        if row.pk not in kept:
            kept[row.pk] = self._compute_members(row, self.context["now"])
        found: Mapping[str, Any] = kept[row.pk]
        return found

    def _compute_members(self, row: BreakGlass, now: datetime) -> dict[str, Any]:
        grants = Grant.objects.filter(item__request=row.request_id) if row.is_live else Grant.objects.none()  # type: ignore[attr-defined]
        rows = grants.select_related("intent__evidence", "item__request__group", "principal__account")
        readings = readings_in(self.context)
        live = [
            get_access_status(one, now=now, readings=readings).shown
            for one in rows
            if not has_ended(one, now)
        ]
        facts = BreakGlassFacts(row.state, row.lapses_at <= now, bool(live))
        return state_members(get_break_glass_state(facts, live))


class SessionEffectsOut(serializers.Serializer[Any]):
    """One item of it, and what confirming it would approve."""

    request_item = Reference()
    effects_hash = serializers.CharField()
    effects = EffectsOut()


class BreakGlassSessionDetailOut(BreakGlassSessionOut):
    """`effects`, while it waits for the second person: confirm with each item's `effects_hash`. Null afterwards."""

    effects = serializers.SerializerMethodField()

    @extend_schema_field(SessionEffectsOut(many=True, allow_null=True))  # type: ignore[untyped-decorator]
    def get_effects(self, session: BreakGlass) -> Any:
        if session.state != BreakGlassState.ASKED:
            return None
        rows = [_item_effects(item) for item in list_session_items(session)]
        return SessionEffectsOut(rows, many=True, context=self.context).data


def _item_effects(item: Item) -> dict[str, Any]:
    effects = compute_effects(item)
    return {"request_item": item, "effects_hash": compute_approval_hash(item, effects), "effects": effects}


class CoveredTableIn(StrictSerializer):
    table = IdIn()
    column_mode = serializers.ChoiceField(COLUMN_MODES)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=255), default=list, max_length=MOST_COLUMNS
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["column_mode"] == ALL) == bool(attrs["columns"]):
            raise serializers.ValidationError({"columns": "List columns, or say `all` and list none."})
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
    """The hash that you were shown of each item."""

    effects: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=ShownEffectsIn(), max_length=MAX_TABLES
    )


class ConsentsView(APIView):
    @documented(
        "list_break_glass_consents",
        "List break-glass consents",
        listed(ConsentOut),
        parameters=(*LIST, *FILTERS),
        errors=(),
        description="Those that concern you, newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = filtered(list_consents(person_of(request)), request, FILTERS)
        rows = rows.prefetch_related("covered__table__database__catalog")
        return answer_list(request, rows, ConsentOut, context=lambda _rows: {"now": clock.now()})

    @documented(
        "create_break_glass_consent",
        "Create a break-glass consent",
        ConsentOut,
        takes=ConsentIn,
        status=201,
        errors=(),
        description="Agree beforehand that a person opens tables of your domain in an emergency.",
    )
    def post(self, request: Request) -> Response:
        person, said = person_of(request), read_body(ConsentIn, request)
        domain = Domain.objects.filter(slug=said["domain"]).first()
        if domain is None:
            raise RefusedError(_("There is no such domain."), "domain")
        demand(may_give_consent(person, domain))
        people = Person.objects.filter(is_active=True)
        nobody = _("There is nobody of this name.")
        consent = give_consent(
            acting_user=person,
            domain=domain,
            taker=person_in(people, said["person"], "taker", nobody),
            second=person_in(people, said["second_person"], "second", nobody),
            principal=_principal(said["principal"]),
            tables=_tables(domain, [one["table"] for one in said["tables"]]),
            columns={one["table"]: one["columns"] for one in said["tables"] if one["columns"]},
            hours=said["max_duration"],
            until=said["expires_at"],
            reason=said["comment"],
            key=key_of(request),
            now=clock.now(),
        )
        return _consent_answer(request, consent.pk, status.HTTP_201_CREATED)


class ConsentView(APIView):
    @documented("get_break_glass_consent", "Get a break-glass consent", ConsentOut)
    def get(self, request: Request, pk: int) -> Response:
        return _consent_answer(request, pk)


class RevokeConsentView(APIView):
    @documented("revoke_break_glass_consent", "Revoke a break-glass consent", ConsentOut, takes=EmptyIn)
    def post(self, request: Request, pk: int) -> Response:
        read_body(EmptyIn, request)
        withdraw_consent(acting_user=person_of(request), consent_id=pk, now=clock.now())
        return _consent_answer(request, pk)


class SessionsView(APIView):
    @documented(
        "list_break_glass_sessions",
        "List break-glass sessions",
        listed(BreakGlassSessionOut),
        parameters=(*LIST, *SESSION_FILTERS),
        errors=(),
        description="Those that concern you, newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = filtered(list_sessions(person_of(request)), request, SESSION_FILTERS)
        return answer_list(request, rows, BreakGlassSessionOut, context=lambda _rows: {"now": clock.now()})

    @documented(
        "create_break_glass_session",
        "Open emergency access",
        BreakGlassSessionDetailOut,
        takes=SessionIn,
        status=201,
        errors=(404,),
        description="To what a consent covers. It opens once the second person confirms.",
    )
    def post(self, request: Request) -> Response:
        said = read_body(SessionIn, request)
        session = take_break_glass(
            acting_user=person_of(request),
            consent_id=said["consent"],
            hours=said["duration"],
            reason=said["comment"],
            key=key_of(request),
            now=clock.now(),
        )
        return _session_answer(request, session.pk, status.HTTP_201_CREATED)


class SessionView(APIView):
    @documented("get_break_glass_session", "Get a break-glass session", BreakGlassSessionDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        return _session_answer(request, pk)


class ConfirmSessionView(APIView):
    @documented(
        "confirm_break_glass_session",
        "Confirm a break-glass session",
        BreakGlassSessionDetailOut,
        takes=ConfirmationIn,
        description="As the second person, on exactly the effects that you were shown.",
    )
    def post(self, request: Request, pk: int) -> Response:
        effects = read_body(ConfirmationIn, request)["effects"]
        shown = {one["request_item"]: one["effects_hash"] for one in effects}
        confirm_break_glass(acting_user=person_of(request), break_glass_id=pk, shown=shown, now=clock.now())
        return _session_answer(request, pk)


class EndSessionView(APIView):
    @documented(
        "end_break_glass_session", "End a break-glass session", BreakGlassSessionDetailOut, takes=CommentIn
    )
    def post(self, request: Request, pk: int) -> Response:
        reason = read_body(CommentIn, request)["comment"]
        end_break_glass(acting_user=person_of(request), break_glass_id=pk, reason=reason, now=clock.now())
        return _session_answer(request, pk)


class ReviewSessionView(APIView):
    @documented(
        "review_break_glass_session",
        "Review a break-glass session",
        BreakGlassSessionDetailOut,
        takes=CommentIn,
        description="Close it with a comment, once all of it has ended.",
    )
    def post(self, request: Request, pk: int) -> Response:
        words = read_body(CommentIn, request)["comment"]
        review_break_glass(acting_user=person_of(request), break_glass_id=pk, words=words, now=clock.now())
        return _session_answer(request, pk)


def _principal(arn: str) -> Principal:
    found = Principal.objects.filter(arn=arn, gone_at=None, is_portal=False).first()
    if found is None:
        raise RefusedError(_("This role or user is unknown."), "principal")
    return found


def _tables(domain: Domain, ids: list[int]) -> list[Table]:
    """RefusedError alike for a table of another domain, and for one that is not there."""
    found = Table.objects.filter(pk__in=ids, database__domain=domain, tombstoned_at=None)
    rows = list(found.select_related("database"))
    if len(rows) < len(set(ids)):
        raise RefusedError(_("Not all of these tables belong to the domain."), "tables")
    return rows


def _consent_answer(request: Request, pk: int, code: int = status.HTTP_200_OK) -> Response:
    consent = get_consent(person_of(request), pk)
    return Response(ConsentOut(consent, context={"request": request, "now": clock.now()}).data, code)


def _session_answer(request: Request, pk: int, code: int = status.HTTP_200_OK) -> Response:
    session = get_session(person_of(request), pk)
    context = {"request": request, "now": clock.now()}
    return Response(BreakGlassSessionDetailOut(session, context=context).data, code)
