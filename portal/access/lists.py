"""The lists of grants: a person's own or everyone's, and those on a data product."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.products.models import DataProduct
from portal.access.presenters import add_approvers, build_grant_rows, list_polled_values
from portal.api.filters import ListFilters, by_id, by_presence, by_text, by_time
from portal.api.pagination import Rows
from portal.lists.declaration import EmptyState, ListPage, Text
from portal.product_lifecycle.presenters import build_banners
from requests_app.grants.expiry_warnings import filter_next_ending
from requests_app.grants.may import may_view_holders
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_unmanaged_holdings
from requests_app.grants.queries import (
    filter_current_grants,
    filter_removed_grants,
    list_own_grants,
    list_product_grants,
    list_visible_grants,
    order_by_attention,
)
from requests_app.grants.subgrants.queries import list_administered_accounts
from requests_app.grants.usage import get_last_uses

SOON, ENDED = "soon", "ended"


class GrantFilters(ListFilters):
    principal = by_text("principal__arn", "ARN of the role or user that receives it.")
    account = by_text("principal__account__account_id", "The consumer account.")
    team = by_text("item__request__team__slug", "The team that requested it.")
    data_product = by_text("item__product__slug", "The data product.")
    table = by_id("table", "The table. Grants by LF-Tags and on databases are left out.")
    ended = by_presence("ended_at", "Whether it has ended, even if AWS still has it.")
    expires_before, expires_after = by_time("ends_at")
    granted_before, granted_after = by_time("granted_at")


class GrantStateList(ListPage):
    """Live grants and those being removed, or the others."""

    tab_parameter = "show"
    part = "list"

    @property
    def is_ended(self) -> bool:
        return self.tab == ENDED

    def list_tabs(self) -> dict[str, Text]:
        return {"": _("Current"), ENDED: _("Ended")}

    def list_tab_rows(self) -> Rows:
        rows: Any = self.list_rows()
        if self.tab == ENDED:
            return filter_removed_grants(rows)
        soon = filter_next_ending(rows, self.now) if self.tab == SOON else rows
        return order_by_attention(filter_current_grants(soon, self.now))

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_grant_rows(rows, self.person, self.now)

    def describe_progress(self, rows: list[Any]) -> tuple[object, bool]:
        is_moving = any(row.is_in_progress or row.status.display_state.is_changing for row in rows)
        return list_polled_values(rows), is_moving


class GrantList(GrantStateList):
    route = "grants"
    template = "portal/access/mine.html"
    title = _("My access")
    filters = GrantFilters
    sorts = {"id": "pk", "expires_at": "ends_at", "granted_at": "granted_at"}
    has_scope = True

    @cached_property
    def ending_soon_count(self) -> int:
        return filter_next_ending(self.list_rows(), self.now).count()

    def list_tabs(self) -> dict[str, Text]:
        count = self.ending_soon_count
        soon = (
            format_html('{} <span class="count">{}</span>', _("Ends soon"), count)
            if count
            else _("Ends soon")
        )
        return {"": _("Current"), SOON: soon, ENDED: _("Ended")}

    def list_rows(self) -> QuerySet[Grant]:
        return list_visible_grants(self.person) if self.shows_all else list_own_grants(self.person)

    def build_context(self, rows: list[Any]) -> Mapping[str, Any]:
        products = [row.grant.item.product for row in rows if row.grant.item.product]
        return {
            "administered_accounts": list_administered_accounts(self.person),
            "banners": () if self.tab == ENDED else build_banners(products, self.person).values(),
        }

    def build_api_context(self, rows: list[Any]) -> Mapping[str, Any]:
        return {"now": self.now, "uses": get_last_uses(rows)}

    def get_empty_state(self, **_state: bool) -> EmptyState:
        soon: Text = ngettext(
            "Access that ends within a day appears here, so that you can extend it in time.",
            "Access that ends within %(days)s days appears here, so that you can extend it in time.",
            settings.WARN_DAYS,
        )
        title: Text
        text: Text
        if self.tab == SOON:
            title, text = _("Nothing ends soon"), soon % {"days": settings.WARN_DAYS}
        elif self.tab == ENDED:
            title = _("No ended access")
            text = _("Access that ended appears here when its removal was verified in AWS.")
        else:
            title = _("No access yet")
            text = _("When you have access to data, it appears here with its proof and its end date.")
        return EmptyState("key", title, text, _("Find data"), "search")


class ProductGrantList(GrantStateList):
    """The grants on `product` that the person may see."""

    template = "portal/access/product.html"
    title = _("Access")
    empty = EmptyState(
        "team",
        _("No access to show"),
        _("Data owners see all grants on this product here. You see your own and your teams'."),
    )

    @cached_property
    def unmanaged_holdings(self) -> Sequence[Any]:
        product: DataProduct = self.ids["product"]
        return list_unmanaged_holdings(product, self.now) if may_view_holders(self.person, product) else []

    def list_rows(self) -> QuerySet[Grant]:
        return list_product_grants(self.person, self.ids["product"])

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return add_approvers(super().build_rows(rows))

    def build_context(self, rows: list[Any]) -> Mapping[str, Any]:
        return {
            "unmanaged_holdings": self.unmanaged_holdings,
            "may_revoke_any": any(row.may_revoke for row in rows),
        }

    def describe_progress(self, rows: list[Any]) -> tuple[object, bool]:
        shown, is_moving = super().describe_progress(rows)
        return (shown, self.unmanaged_holdings), is_moving
