"""Who may not decide because of a role change in the last week."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import BigIntegerField, F, Func, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.clock import Now
from identity.people.models import Person
from identity.people.request_cache import cache_per_request
from identity.role_changes.models import RoleChange
from identity.role_changes.states import RoleChangeKind
from identity.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.models import RequestItem

_BARRED_SQL = "SELECT requests_barred(%s, %s, %s, %s, %s, %s, %s)"


def filter_unbarred_roles(person: Person, item: RequestItem, roles: Sequence[str]) -> list[str]:
    """Those of the roles in which no change of the last week bars the person from the item, saved or not."""
    return [role for role in roles if _find_bar(person, item, role) is None]


def may_decide_after_changes(person: Person, item: RequestItem, roles: Sequence[str]) -> Verdict:
    """Allowed when one of the roles, each of which the person holds for the item, is free of bars."""
    found = {_find_bar(person, item, role) for role in roles}
    bars = RoleChange.objects.select_related("proposed_by", "person").filter(
        pk__in=[pk for pk in found if pk]
    )
    bar = None if None in found else bars.order_by("-bars_until").first()
    return refusal(_describe_bar(person, bar)) if bar else ALLOWED


def build_bar_expression(item: RequestItem, role: str, person: str = "pk") -> Func:
    """For a query whose field `person` is a person's id: the row that bars them from the item, or null."""
    values = [Value(one, output_field=BigIntegerField()) for one in _build_parameters(item)]
    return Func(*values, F(person), Value(role), function="requests_barred", output_field=BigIntegerField())


def _find_bar(person: Person, item: RequestItem, role: str) -> int | None:
    if not _has_bars(person):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_BARRED_SQL, [*_build_parameters(item), person.pk, str(role)])
        row = cursor.fetchone()
    return row[0] if row else None


def _build_parameters(item: RequestItem) -> list[int | None]:
    request = item.request
    return [item.requester_id, request.team_id, request.principal_id, item.table_id, item.product_id]


@cache_per_request
def _has_bars(_person: Person) -> bool:
    """Whether any change bars anybody just now: mostly none does."""
    return RoleChange.objects.filter(bars_until__gt=Now()).exists()


def _describe_bar(person: Person, change: RoleChange) -> str:
    words = {
        "name": change.proposed_by.name,
        "what": str(change),
        "day": date_format(change.bars_until, _("j M Y, H:i")) if change.bars_until else "",
    }
    if change.kind == RoleChangeKind.PASSWORD and change.person_id == person.pk:
        return (
            _(
                "%(name)s set your password or e-mail. You can decide from %(day)s (UTC); until then, others have to."
            )
            % words
        )
    return (
        _(
            "A role that this depends on was changed in the last week (%(what)s) by someone who requests or decides here. Someone else has to decide until %(day)s (UTC)."
        )
        % words
    )
