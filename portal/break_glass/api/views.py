"""Break-glass: consents, and the sessions that are opened under them."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.views import APIView

from catalog.mirror.models import Table
from catalog.products.models import Domain
from identity.accounts import Principal, named_arn
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed
from portal.api.endpoints import Endpoints, get_time_context, rows_endpoint
from portal.api.filters import ListFilters, by_text
from portal.api.people import person_in
from portal.api.serializers import (
    CommentIn,
)
from portal.break_glass.api.serializers import (
    BreakGlassSessionDetailOut,
    BreakGlassSessionOut,
    ConfirmationIn,
    ConsentIn,
    ConsentOut,
    SessionIn,
)
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


def _read_consent(person: Person, said: dict[str, Any]) -> dict[str, Any]:
    """RefusedError for what there is not; ForbiddenError before people and tables are looked up."""
    domain = Domain.objects.filter(slug=said["domain"]).first()
    if domain is None:
        raise RefusedError(_("There is no such domain."), "domain")
    require_allowed(may_give_consent(person, domain))
    people = Person.objects.filter(is_active=True)
    nobody = _("There is nobody of this name.")
    named_person = person_in(people, said["person"], "recipient", nobody)
    second_person = person_in(people, said["second_person"], "confirmer", nobody)
    roles = Principal.objects.filter(named_arn(said["principal"]), gone_at=None, is_portal=False)
    if (principal := roles.first()) is None:
        raise RefusedError(_("This role or user is unknown."), "principal")
    # A table of another domain is refused as one that is not there.
    ids = {table["table"] for table in said["tables"]}
    found = Table.objects.filter(pk__in=ids, database__domain=domain, tombstoned_at=None)
    tables = list(found.select_related("database"))
    if len(tables) < len(ids):
        raise RefusedError(_("Not all of these tables belong to the domain."), "tables")
    return {
        "domain": domain,
        "named_person": named_person,
        "second_person": second_person,
        "principal": principal,
        "tables": tables,
        "columns": {table["table"]: table["columns"] for table in said["tables"] if table["columns"]},
        "max_hours": said["max_duration"],
        "expires_at": said["expires_at"],
        "reason": said["comment"],
    }


class ConsentsView(APIView):
    members: ClassVar = CONSENT_MEMBERS

    get = rows_endpoint(
        "list_break_glass_consents",
        "List break-glass consents",
        ConsentOut,
        lambda person: list_consents(person).prefetch_related("covered__table__database__catalog"),
        filters=ConsentFilters,
        context=get_time_context,
        errors=(),
        description="Consents that involve you, newest first.",
    )

    post = CONSENTS.create(
        "create_break_glass_consent",
        "Create a break-glass consent",
        give_consent,
        takes=ConsentIn,
        build=_read_consent,
        is_keyed=True,
        errors=(),
        description="Allows a person to open tables of your domain in an emergency.",
    )


class ConsentView(APIView):
    get = CONSENTS.read("get_break_glass_consent", "Get a break-glass consent")


class RevokeConsentView(APIView):
    post = CONSENTS.act("revoke_break_glass_consent", "Revoke a break-glass consent", revoke_consent)


class SessionsView(APIView):
    members: ClassVar = SESSION_MEMBERS

    get = rows_endpoint(
        "list_break_glass_sessions",
        "List break-glass sessions",
        BreakGlassSessionOut,
        list_sessions,
        filters=SessionFilters,
        context=get_time_context,
        errors=(),
        description="Sessions that involve you, newest first.",
    )

    post = SESSIONS.create(
        "create_break_glass_session",
        "Open emergency access",
        open_break_glass_session,
        takes=SessionIn,
        names={"consent": "consent_id", "duration": "hours", "comment": "reason"},
        is_keyed=True,
        errors=(404,),
        description="Opens access to everything that a consent covers, once the second person confirms.",
    )


class SessionView(APIView):
    get = SESSIONS.read("get_break_glass_session", "Get a break-glass session")


class ConfirmSessionView(APIView):
    members: ClassVar = CONFIRMATION_MEMBERS

    post = SESSIONS.act(
        "confirm_break_glass_session",
        "Confirm a break-glass session",
        confirm_break_glass_session,
        takes=ConfirmationIn,
        build=lambda _person, said, _pk: {
            "effects_hashes": {effect["request_item"]: effect["effects_hash"] for effect in said["effects"]}
        },
        description="Only the second person can confirm. If the effects have changed since you read the session, nothing is done.",
    )


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
