"""Standing consents and sessions that a person may see."""

from django.db import connection
from django.db.models import DateTimeField, Exists, Func, OuterRef, Q, QuerySet

from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Membership, Person
from kernel.errors import NotFoundError
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.queries import prefetch_item_rows
from requests_app.break_glass.models import BreakGlassConsent, BreakGlassSession
from requests_app.grants.models import Grant
from requests_app.grants.queries import GRANT_RELATED_FIELDS
from requests_app.grants.states import GrantState

DATABASE_NOW = Func(function="meshmarket_now", output_field=DateTimeField())
CONSENT_RELATED_FIELDS = (
    "domain__owner_team",
    "granted_by",
    "recipient",
    "confirmer",
    "principal__account__team",
    "withdrawn_by",
)

# While a session is open anywhere, every page asks it: making the statement of a queryset takes longer than its answer.
OPEN_SESSION_SQL = """SELECT max(session.id) FROM requests_breakglasssession session
JOIN requests_breakglassconsent consent ON consent.id = session.consent_id
JOIN catalog_domain domain ON domain.id = consent.domain_id
WHERE (session.state = 'confirmed' OR session.state = 'asked' AND session.expires_at > meshmarket_now())
AND (session.started_by_id = %(person)s OR consent.confirmer_id = %(person)s OR EXISTS (SELECT FROM identity_membership
  WHERE team_id = domain.owner_team_id AND person_id = %(person)s AND role = %(owner)s))"""


def list_consents(person: Person) -> QuerySet[BreakGlassConsent]:
    """Newest first."""
    rows = BreakGlassConsent.objects.select_related(*CONSENT_RELATED_FIELDS).order_by("-pk")
    if can_read_everything(person):
        return rows
    owned = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    return rows.filter(Q(recipient=person) | Q(confirmer=person) | Q(domain__owner_team__in=owned))


def get_consent(person: Person, pk: int, *, lock: bool = False) -> BreakGlassConsent:
    """NotFoundError if the person may not see it."""
    rows = list_consents(person)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_sessions(person: Person) -> QuerySet[BreakGlassSession]:
    """Newest first; `is_live`: it has a live grant."""
    live = Grant.objects.filter(item__request=OuterRef("request"), state=GrantState.LIVE)
    rows = BreakGlassSession.objects.filter(consent__in=list_consents(person).order_by()).order_by("-pk")
    named = (
        "request",
        "started_by",
        "confirmed_by",
        "reviewed_by",
        *(f"consent__{path}" for path in CONSENT_RELATED_FIELDS),
    )
    return rows.select_related(*named).annotate(is_live=Exists(live))


def get_session(person: Person, pk: int, *, lock: bool = False) -> BreakGlassSession:
    """NotFoundError if the person may not see it."""
    rows = list_sessions(person)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_session_items(session: BreakGlassSession) -> QuerySet[RequestItem]:
    """Its items with the rows that their effects need, in the order of their tables."""
    return prefetch_item_rows(RequestItem.objects.filter(request=session.request_id)).order_by("table")


def list_session_grants(*sessions: BreakGlassSession) -> QuerySet[Grant]:
    rows = Grant.objects.filter(item__request__in=[session.request_id for session in sessions])
    return rows.select_related(*GRANT_RELATED_FIELDS).order_by("pk")


def find_open_session(person: Person) -> BreakGlassSession | None:
    """The latest session, of those that concern this person, that waits for confirmation or review. One query, two if
    there is one.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN_SESSION_SQL, {"person": person.pk, "owner": Membership.Role.DATA_OWNER})
        (found,) = cursor.fetchone()
    if found is None:
        return None
    return BreakGlassSession.objects.select_related("started_by", "consent__domain").get(pk=found)
