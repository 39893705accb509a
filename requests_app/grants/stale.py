"""Grants that give nothing any more, as their table or role is no longer the approved one: who acts next, and whose inbox has
them.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from fulfilment.intents.models import build_stale_filter
from identity.people.models import Person
from kernel.clock import Now
from lakeformation.observation.reading import RECREATED_TABLE_PATTERN, StaleReason, parse_stale_reason
from lakeformation.values.wording import to_sentence
from requests_app.access_requests.may import describe_leaver_access, get_item_domain
from requests_app.grants.models import Grant
from requests_app.grants.queries import GRANT_RELATED_FIELDS
from requests_app.grants.states import GrantState
from requests_app.grants.subgrants.models import SubgrantIntent

DECIDED_BY_OWNER = frozenset({StaleReason.TABLE_RECREATED})
"""Causes on which a data owner decides, see `requests_app.recreated_tables`. The requesting side mends the others."""
IS_WITH_REQUESTER = Q(item__request__taken_over_by__isnull=True)
IS_FOR_REQUESTER = (
    Q(state=GrantState.LIVE, ends_at__gt=Now())
    & build_stale_filter("intent__")
    & ~Q(intent__failure__regex=RECREATED_TABLE_PATTERN)
)
"""Of grants: stale, and no data owner decides on them."""
HAS_STALE_MEMBERS = Q(
    Exists(
        SubgrantIntent.objects.filter(
            build_stale_filter("intent__"),
            ~Q(intent__failure__regex=RECREATED_TABLE_PATTERN),
            subgrant__ended_at=None,
            subgrant__group__account=OuterRef("pk"),
        )
    )
)
"""Of accounts: what was passed on to a member of a local group is stale. Their admins remove the member, or add it again."""


def describe_stale_grant(grant: Grant) -> str:
    """What happened, and who acts next. Of a live grant whose intent is stale."""
    cause, failure = parse_stale_reason(grant.intent.failure), to_sentence(grant.intent.failure)
    what = failure or _("Its effects are no longer as approved.")
    return f"{what} {_describe_next_step(grant, cause)}"


def _describe_next_step(grant: Grant, cause: StaleReason | None) -> str:
    if cause in DECIDED_BY_OWNER:
        domain = get_item_domain(grant.item)
        if domain is None:
            return _("No domain owns this table yet. A steward has to assign one.")
        words = _(
            "A data owner of %(team)s decides whether the grant is kept. Until then it gives no access."
        )
        return words % {"team": domain.owner_team.name}
    request = grant.item.request
    if not request.current_requester.is_active:
        return describe_leaver_access(request)
    sentences = {
        StaleReason.PRINCIPAL_RECREATED: _("%(name)s requests access for the new role, or ends this grant."),
        StaleReason.PRINCIPAL_DELETED: _("%(name)s requests access for another role, or ends this grant."),
        StaleReason.DATABASE_RECREATED: _(
            "%(name)s requests access to the new database, or ends this grant."
        ),
        StaleReason.TABLE_DELETED: _("%(name)s ends this grant, or waits until the table is created again."),
        StaleReason.DATABASE_DELETED: _(
            "%(name)s requests access again when there is one, or ends this grant."
        ),
    }
    other = _("%(name)s requests access again, or ends this grant.")
    return (sentences[cause] if cause else other) % {"name": request.current_requester.name}


def list_stale_grants(person: Person) -> QuerySet[Grant]:
    """Lists grants that the person mends: what they requested, or took over, and what no data owner decides. By id."""
    asked = Q(item__request__taken_over_by=person) | Q(item__requester=person) & IS_WITH_REQUESTER
    rows = Grant.objects.filter(asked & IS_FOR_REQUESTER)
    return rows.select_related(*GRANT_RELATED_FIELDS).order_by("pk")
