"""The bank's table with LF-Tags in the mirror, and a request by them."""

from collections.abc import Mapping, Sequence

from catalog.mirror.models import Column, Table
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.submission.many_tables import submit_access_request_for_target
from requests_app.targets.lf_tags import build_tags_target, parse_tag_expression
from tests import factories
from tests.bank import Bank
from tests.request_details import pack_details

GOLD_TAGS = {"tier": ["gold"]}


def assign_tags(table: Table, tags: Mapping[str, str], **of_columns: Mapping[str, str]) -> None:
    """The table and its columns carry these in force; some columns carry others of their own."""
    Table.objects.filter(pk=table.pk).update(tags=dict(tags))
    Column.objects.filter(table=table).update(tags=dict(tags))
    for name, own in of_columns.items():
        Column.objects.filter(table=table, name=name).update(tags=dict(own))


def submit_by_lf_tags(
    bank: Bank, tags: Mapping[str, Sequence[str]] = GOLD_TAGS, **changes: object
) -> RequestItem:
    """Ana asks for a month for whatever carries them, having seen what does."""
    target = build_tags_target(bank.catalog, parse_tag_expression(tags), bank.ana)
    asked: dict[str, object] = {
        "acting_user": bank.ana,
        "team": bank.bi,
        "principal": bank.role,
        "purpose": "Quarterly reserve report",
        "ends_at": factories.days_from_now(30),
        "target": target,
        "members_hash": target.members_hash,
        "idempotency_key": "form-1",
        "now": clock.now(),
    }
    return submit_access_request_for_target(**pack_details(asked | changes)).items.get()
