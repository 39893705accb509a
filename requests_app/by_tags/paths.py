"""Other ways by which a principal reads what a grant by LF-Tags gave; and LF-Tags as another way to one table."""

from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.ledger.lines import Key, Line, Standing
from fulfilment.ledger.queries import lines_at
from fulfilment.observations.storage import held_in
from lakeformation.access.access import Access
from lakeformation.values.permissions import ALL_TABLES, READING
from lakeformation.values.wording import columns_worded, worded
from requests_app.by_tags.access import agreed_by_tags
from requests_app.models import GIVES, Grant


def ways_beside_tags(grant: Grant, now: datetime) -> tuple[str, ...]:
    """For a grant by LF-Tags: one sentence for each other grant or permission on something that it reached."""
    access = grant.intent.access
    others = Grant.objects.filter(GIVES, principal=grant.principal, ends_at__gt=now)
    given = [
        _("Grant %(grant)s gives %(what)s until %(day)s.")
        % {"grant": other.pk, "what": other.item.name, "day": f"{other.ends_at:%Y-%m-%d}"}
        for other in others.exclude(pk=grant.pk)
        .select_related("item__table__database", "intent")
        .order_by("pk")
        if not other.item.metadata_only and other.intent.access.tables & access.tables
    ]
    catalog = grant.item.table.database.catalog
    rows = catalog.observed.filter(
        principal_arn=access.principal_arn, database__in=[*access.databases, ""], verb__in=READING
    )
    lines = lines_at(catalog, list(map(Key.of, held_in(catalog, rows))), now)
    return (*given, *(_held(line) for line in lines if _reads(line, access)))


def _reads(line: Line, access: Access) -> bool:
    one = line.permission
    inside = one.policy is not None or one.table == ALL_TABLES or (one.database, one.table) in access.tables
    return line.standing == Standing.UNMANAGED and inside


def _held(line: Line) -> str:
    one = line.permission
    words = {"what": worded(one.verb, one.resource)}
    return _("%(what)s is held by the role itself, outside the portal.") % words


def ways_by_tags(grant: Grant) -> tuple[str, ...]:
    """For a grant on one table: one sentence for each LF-Tag expression agreed to that shows some of it, too."""
    return tuple(
        _("%(columns)s: %(why)s.") % {"columns": columns_worded(cells.columns), "why": cells.why}
        for cells in agreed_by_tags(grant.item)
    )
