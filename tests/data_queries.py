"""Queries, credentials and proven grants of the sample bank."""

from typing import Any

from fulfilment.intents.models import Intent
from kernel import clock
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.progress import mark_started, succeed_query
from requests_app.grants.models import Grant
from requests_app.table_credentials.models import TableCredential
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.engine_readings import write_presence


def grant_columns(bank: Bank, *columns: str, **changes: Any) -> Grant:
    """To bank.role, proven; without columns, the whole table."""
    item = RequestedItem(bank.claims.pk, columns, not columns, bank.product.pk)
    grant = approve(bank, submit_bank_item(bank, items=[item], **changes))
    write_presence(grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account)
    return grant


def finish_query(query: DataQuery, rows: list[list[str | None]]) -> DataQuery:
    """As the worker does."""
    with as_role("meshmarket_worker"):
        found = DataQuery.objects.select_related("table", "principal").get(pk=query.pk)
        mark_started(found, f"execution-{query.pk}", clock.now())
        succeed_query(found, rows, 1024, clock.now())
    query.refresh_from_db()
    return query


def make_sample_data_queries(bank: Bank) -> dict[str, Any]:
    """Of each kind one, and credentials, all waiting for a worker."""
    fields: dict[str, Any] = {
        "table": bank.claims, "principal": bank.role, "requested_at": clock.now(), "database": "insurance_gold", "workgroup": "primary",
        "columns": ["claim_id"], "max_rows": 20,
    }  # fmt: skip
    kinds = DataQuery.Kind
    sample = DataQuery.objects.create(kind=kinds.SAMPLE, requested_by=bank.ana, **fields)
    query = DataQuery.objects.create(kind=kinds.QUERY, requested_by=bank.ana, product=bank.product, **fields)
    profile = DataQuery.objects.create(kind=kinds.PROFILE, requested_by=bank.ines, **fields)
    credential = TableCredential.objects.create(
        product=bank.product, table=bank.claims, principal=bank.role, requested_by=bank.ana, requested_at=clock.now(), seconds=3600
    )  # fmt: skip
    return {
        "sample": sample.pk, "data_query": query.pk, "profile_query": profile.pk, "table_credential": credential.pk,
    }  # fmt: skip
