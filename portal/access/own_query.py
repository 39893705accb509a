"""The SQL statement that the person can run with one of their own live grants."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from catalog.mirror.models import Table
from portal.access.query_examples import build_query_names
from requests_app.grants.models import Grant
from requests_app.grants.reach import covers_table, is_ready


@dataclass(frozen=True)
class OwnQuery:
    """`is_ready`: the grant is proven in AWS and usable. `line` is `text` in one line."""

    grant: Grant
    table: Table
    text: str
    row_filter: str
    is_ready: bool

    @property
    def url(self) -> str:
        """The page that queries this table with every tool."""
        return build_query_url(self.grant, self.table)

    @property
    def line(self) -> str:
        return re.sub(r"\n *", " ", self.text)


def build_query_url(grant: Grant, table: Table) -> str:
    page = reverse("grant-query", args=[grant.pk])
    return f"{page}?table={table.pk}" if not grant.item.target.is_single_table else page


def choose_own_grant(grants: Sequence[Grant]) -> Grant | None:
    """The one that is ready, else the latest; one of a single table before one that reaches many. None without any."""
    return max(
        grants, key=lambda grant: (is_ready(grant), grant.item.target.is_single_table, grant.pk), default=None
    )


def choose_own_query(grants: Sequence[Grant], tables: Sequence[Table]) -> OwnQuery | None:
    """By the grant of `choose_own_grant`. `grants` are those by which rows are read just now. None without any."""
    grant = choose_own_grant(grants)
    if grant is None:
        return None
    table = next(table for table in tables if covers_table(grant, table))
    text = build_query_names(grant, table).formatted_sql
    return OwnQuery(grant, table, text, grant.item.row_filter, is_ready(grant))
