"""Break-glass: consents, and the sessions that are opened under them."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.mirror.models import Table
from catalog.products.models import Domain
from identity.accounts import Principal, named_arn
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed
from portal.api.endpoints import Endpoints, get_time_context
from portal.api.filters import ListFilters, by_text
from portal.api.idempotency import key_of
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.people import person_in
from portal.api.serializers import (
    CommentIn,
    read_body,
)
from portal.break_glass.api.serializers import (
    BreakGlassSessionDetailOut,
    BreakGlassSessionOut,
    ConfirmationIn,
    ConsentIn,
    ConsentOut,
    SessionIn,
)
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.break_glass.actions import (
    confirm_break_glass_session,
    end_break_glass_session,
    give_consent,
    open_break_glass_session,
    review_break_glass_session,
    revoke_consent,
)
from requests_app.break_glass.may import may_give_consent
from requests_app.break_glass.queries import (
    get_consent,
    get_session,
    list_consents,
    list_sessions,
)


class ConsentFilters(ListFilters):
    domain = by_text("domain__slug", "The domain whose data it covers.")


CONSENT_MEMBERS = {
    "recipient": "person",
    "confirmer": "second_person",
    "columns": "tables",
    "hours": "max_duration",
    "until": "expires_at",
}
SESSION_MEMBERS = {
    "hours": "duration",
    "ends_at": "duration",
    "purpose": "comment",
    "principal": "consent",
    "items": "consent",
}
CONFIRMATION_MEMBERS = dict.fromkeys(
    ("effects_hash", "items", "principal", "widenings", "ends_at"), "effects"
)


class SessionFilters(ListFilters):
    domain = by_text("consent__domain__slug", "The domain whose data it is for.")


CONSENTS = Endpoints(ConsentOut, get_consent, "consent_id", get_time_context)


SESSIONS = Endpoints(BreakGlassSessionDetailOut, get_session, "session_id", get_time_context)


class ConsentsView(APIView):
    members: ClassVar = CONSENT_MEMBERS

    @documented(
        "list_break_glass_consents",
        "List break-glass consents",
        listed(ConsentOut),
        parameters=(*LIST, ConsentFilters),
        errors=(),
        description="Consents that involve you, newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = ConsentFilters.apply(list_consents(get_signed_in_person(request)), request.query_params)
        rows = rows.prefetch_related("covered__table__database__catalog")
        return answer_list(
            request, rows, ConsentOut, context=lambda _rows: {"now": get_request_time(request)}
        )

    @documented(
        "create_break_glass_consent",
        "Create a break-glass consent",
        ConsentOut,
        takes=ConsentIn,
        status=201,
        errors=(),
        description="Allows a person to open tables of your domain in an emergency.",
    )
    def post(self, request: Request) -> Response:
        person, said = get_signed_in_person(request), read_body(ConsentIn, request)
        domain = Domain.objects.filter(slug=said["domain"]).first()
        if domain is None:
            raise RefusedError(_("There is no such domain."), "domain")
        require_allowed(may_give_consent(person, domain))
        people = Person.objects.filter(is_active=True)
        nobody = _("There is nobody of this name.")
        consent = give_consent(
            acting_user=person,
            domain=domain,
            named_person=person_in(people, said["person"], "recipient", nobody),
            second_person=person_in(people, said["second_person"], "confirmer", nobody),
            principal=_principal(said["principal"]),
            tables=_tables(domain, [one["table"] for one in said["tables"]]),
            columns={one["table"]: one["columns"] for one in said["tables"] if one["columns"]},
            max_hours=said["max_duration"],
            expires_at=said["expires_at"],
            reason=said["comment"],
            idempotency_key=key_of(request),
            now=get_request_time(request),
        )
        return CONSENTS.answer(request, consent.pk, status.HTTP_201_CREATED)


class ConsentView(APIView):
    get = CONSENTS.read("get_break_glass_consent", "Get a break-glass consent")


class RevokeConsentView(APIView):
    post = CONSENTS.act("revoke_break_glass_consent", "Revoke a break-glass consent", revoke_consent)


class SessionsView(APIView):
    members: ClassVar = SESSION_MEMBERS

    @documented(
        "list_break_glass_sessions",
        "List break-glass sessions",
        listed(BreakGlassSessionOut),
        parameters=(*LIST, SessionFilters),
        errors=(),
        description="Sessions that involve you, newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = SessionFilters.apply(list_sessions(get_signed_in_person(request)), request.query_params)
        return answer_list(
            request, rows, BreakGlassSessionOut, context=lambda _rows: {"now": get_request_time(request)}
        )

    @documented(
        "create_break_glass_session",
        "Open emergency access",
        BreakGlassSessionDetailOut,
        takes=SessionIn,
        status=201,
        errors=(404,),
        description="Opens access to everything that a consent covers, once the second person confirms.",
    )
    def post(self, request: Request) -> Response:
        said = read_body(SessionIn, request)
        session = open_break_glass_session(
            acting_user=get_signed_in_person(request),
            consent_id=said["consent"],
            hours=said["duration"],
            reason=said["comment"],
            idempotency_key=key_of(request),
            now=get_request_time(request),
        )
        return SESSIONS.answer(request, session.pk, status.HTTP_201_CREATED)


class SessionView(APIView):
    get = SESSIONS.read("get_break_glass_session", "Get a break-glass session")


class ConfirmSessionView(APIView):
    members: ClassVar = CONFIRMATION_MEMBERS

    @documented(
        "confirm_break_glass_session",
        "Confirm a break-glass session",
        BreakGlassSessionDetailOut,
        takes=ConfirmationIn,
        description="Only the second person can confirm. If the effects have changed since you read the session, nothing is done.",
    )
    def post(self, request: Request, pk: int) -> Response:
        effects = read_body(ConfirmationIn, request)["effects"]
        shown = {one["request_item"]: one["effects_hash"] for one in effects}
        confirm_break_glass_session(
            acting_user=get_signed_in_person(request),
            session_id=pk,
            effects_hashes=shown,
            now=get_request_time(request),
        )
        return SESSIONS.answer(request, pk)


class EndSessionView(APIView):
    post = SESSIONS.act(
        "end_break_glass_session",
        "End a break-glass session",
        end_break_glass_session,
        names={"comment": "reason"},
        takes=CommentIn,
    )


class ReviewSessionView(APIView):
    members: ClassVar = {"words": "comment"}

    post = SESSIONS.act(
        "review_break_glass_session",
        "Review a break-glass session",
        review_break_glass_session,
        takes=CommentIn,
        description="Closes a session with a comment after all of its access has ended.",
    )


def _principal(arn: str) -> Principal:
    found = Principal.objects.filter(named_arn(arn), gone_at=None, is_portal=False).first()
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
