"""Other ways by which the principal of a grant still reads its table: an end that changes nothing must say so."""

from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.who_can import Holder, who_can
from lakeformation.observation import IAM_ALLOWED_PRINCIPALS
from requests_app.models import Grant
from requests_app.states import GrantState

READING = frozenset({"SELECT", "ALL", "SUPER"})


def other_paths(grant: Grant, now: datetime) -> tuple[str, ...]:
    """One sentence for each way that is not this grant, as last read from AWS. Four queries at most."""
    database = grant.item.table.database
    holders = who_can(database.catalog, database.name, grant.item.table.name)
    same = {grant.principal.arn, IAM_ALLOWED_PRINCIPALS}
    reading = [h for h in holders if h.principal_arn in same and h.verb in READING]
    if not reading:
        return ()
    return (*_of_grants(grant, now), *(_unmanaged(holder) for holder in reading if not holder.is_managed))


def _of_grants(grant: Grant, now: datetime) -> list[str]:
    others = Grant.objects.filter(
        principal=grant.principal, table=grant.item.table_id, state=GrantState.LIVE, ends_at__gt=now
    ).select_related("item")
    return [
        _("Grant %(grant)s gives %(columns)s until %(day)s.")
        % {"grant": other.pk, "columns": _columns(other), "day": f"{other.ends_at:%Y-%m-%d}"}
        for other in others.exclude(pk=grant.pk).order_by("pk")
    ]


def _columns(grant: Grant) -> str:
    return _("every column") if grant.item.whole_table else ", ".join(grant.item.columns)


def _unmanaged(holder: Holder) -> str:
    what = _("every column") if holder.every_column else ", ".join(holder.columns)
    everyone = holder.principal_arn == IAM_ALLOWED_PRINCIPALS
    who = _("every role with IAM rights") if everyone else _("the role itself")
    words = {"verb": holder.verb, "what": what, "who": who}
    return _("%(verb)s on %(what)s is held by %(who)s, outside the portal.") % words
