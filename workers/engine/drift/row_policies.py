"""Finds row-level security policies that decide on rows of tables with live grants."""

from collections.abc import Sequence
from datetime import datetime

from identity.accounts.models import ConnectedCatalog
from lakeformation.drift.differences import Difference, DifferenceKind, find_row_policy_differences
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.row_policies import RowPolicies
from workers.engine.reading.row_policies import read_table_tags


def compare_row_policies(
    catalog: ConnectedCatalog, policies: RowPolicies, live: Sequence[IntentSpec], now: datetime
) -> tuple[list[Difference], tuple[DifferenceKind, ...]]:
    """The differences, and the kind as unread where AWS refuses the listing."""
    if policies.unread:
        return [], (DifferenceKind.ROW_POLICY,)
    granted = [wish for wish in live if wish.is_live(now)]
    tags = read_table_tags(
        catalog, policies, {one for wish in granted for one in wish.access.reachable_tables}
    )
    return list(find_row_policy_differences(policies, granted, tags)), ()
