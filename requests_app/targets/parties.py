"""The parties of a grant, in the terms of Lake Formation."""

from typing import Any

from lakeformation.access.access import Access
from lakeformation.values.column_sets import ColumnSet
from requests_app.access_requests.models import RequestItem


def build_access_for_parties(item: RequestItem, **what: Any) -> Access:
    """The item's principal, both accounts and the catalog, with what `what` names: every column unless it says so.

    What reaches many tables has no table of its own, and leaves these empty; it uses links to databases.
    """
    principal, catalog = item.request.principal, item.table.database.catalog
    by_table = principal.account.uses_table_links(catalog.pk, item.table.database.name)
    words: dict[str, Any] = {
        "database": "",
        "table": "",
        "table_created": "",
        "columns": ColumnSet.every(),
        **what,
    }
    return Access(
        principal_arn=principal.arn,
        principal_id=principal.unique_id,
        consumer=principal.account.account_id,
        consumer_region=principal.account.region,
        owner=catalog.account.account_id,
        region=catalog.region,
        catalog_short_name=catalog.short_name,
        location_role=catalog.location_role_arn,
        uses_table_links=by_table and not item.reaches_many,
        **words,
    )
