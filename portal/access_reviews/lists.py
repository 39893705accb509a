"""The lists of access reviews, and of the items of one."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kernel import clock
from portal.access_reviews.presenters import build_access_review_rows, build_item_rows
from portal.api.filters import ListFilters, by_presence, by_text, by_time
from portal.api.pagination import OLDEST, Rows
from portal.lists.declaration import EmptyState, ListPage, Text
from requests_app.access_reviews.may import list_reviewable_domains, may_cancel_access_review
from requests_app.access_reviews.models import AccessReview
from requests_app.access_reviews.queries import (
    count_review_items,
    get_access_review,
    list_access_reviews,
    list_review_items,
)
from requests_app.access_reviews.states import AccessReviewItemState, AccessReviewState
from requests_app.grants.end_dates import load_earlier_ends
from requests_app.grants.usage import get_last_uses

WAITING = "waiting"
TABS = {
    WAITING: (_("Waiting"), (AccessReviewItemState.OPEN,)),
    "kept": (_("Kept"), (AccessReviewItemState.KEPT,)),
    "ended": (
        _("Ended"),
        (AccessReviewItemState.REVOKED, AccessReviewItemState.DEFAULTED, AccessReviewItemState.ENDED),
    ),
    "all": (_("All"), tuple(AccessReviewItemState)),
}
EXPLANATION = _(
    "Ask data owners which active grants of a domain, data product, account or classification are still needed. Grants that nobody keeps end."
)


class AccessReviewFilters(ListFilters):
    domain = by_text("domain__slug", "The domain that it is about.")
    account = by_text("account__account_id", "The account that it is about.")
    due_before, due_after = by_time("due_at")


class AccessReviewList(ListPage):
    """On the page, open ones come first."""

    route, api_route = "access-reviews", "api-access-reviews"
    template = cells = "portal/access_reviews/list.html"
    title = _("Access reviews")
    lead = _(
        "Data owners confirm which grants are still needed. Grants that nobody keeps by the deadline end."
    )
    filters = AccessReviewFilters
    empty = EmptyState(
        "clock",
        _("No access reviews for you"),
        _("When grants on your team's data have to be confirmed, they appear here."),
        _("My access"),
        "grants",
        "plain",
    )
    empty_for_starters = EmptyState(
        "clock", _("No access reviews yet"), EXPLANATION, _("New access review"), "access-review-new"
    )

    def list_rows(self) -> Rows:
        return list_access_reviews(self.person)

    def list_tab_rows(self) -> Rows:
        return list_access_reviews(self.person).order_by("closed_at", "due_at", "pk")

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_access_review_rows(rows, self.person, self.now)

    @cached_property
    def may_start(self) -> bool:
        return list_reviewable_domains(self.person).exists()

    def get_empty_state(self, **_state: bool) -> EmptyState:
        return self.empty_for_starters if self.may_start else self.empty

    def build_api_context(self, rows: list[Any]) -> Mapping[str, Any]:
        return {"counts": count_review_items(self.person, rows)}


class AccessReviewItemFilters(ListFilters):
    decided = by_presence("decided_at", "Whether somebody has decided on it.")
    team = by_text("grant__item__request__team__slug", "The team that holds the grant.")


class AccessReviewItemList(ListPage):
    """The items of the access review `pk`."""

    template = "portal/access_reviews/detail.html"
    title = _("Access reviews")
    filters = AccessReviewItemFilters
    tab_parameter = "show"
    order = OLDEST
    empty = EmptyState(
        "check",
        _("Nothing waits for a decision"),
        _("The other tabs show decided and ended items."),
    )
    empty_filtered = EmptyState("check", _("Nothing here"), _("The other tabs show decided and ended items."))

    @cached_property
    def access_review(self) -> AccessReview:
        return get_access_review(self.person, self.ids["pk"])

    def list_tabs(self) -> dict[str, Text]:
        return {tab: label for tab, (label, _states) in TABS.items()}

    def list_rows(self) -> QuerySet[Any]:
        return list_review_items(self.person, self.access_review)

    def list_tab_rows(self) -> Rows:
        _label, states = TABS[self.tab]
        return (
            self.list_rows().filter(state__in=states).order_by("grant__item__product", "grant__table", "pk")
        )

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_item_rows(rows, self.person, self.now)

    def get_empty_state(self, *, is_filtered: bool, is_valid: bool) -> EmptyState:
        return super().get_empty_state(is_filtered=is_filtered or self.tab != WAITING, is_valid=is_valid)

    def build_context(self, rows: list[Any]) -> Mapping[str, Any]:
        (shown,) = build_access_review_rows([self.access_review], self.person, self.now)
        is_open = self.access_review.state == AccessReviewState.OPEN
        return {
            "details": shown,
            "may_decide": shown.accepts_decisions and any(row.may_keep or row.may_revoke for row in rows),
            "barred": next((row.barred for row in rows if row.barred and shown.accepts_decisions), ""),
            "may_cancel": is_open and bool(may_cancel_access_review(self.person, self.access_review)),
        }

    def build_api_context(self, rows: list[Any]) -> Mapping[str, Any]:
        grants = [row.grant for row in rows]
        load_earlier_ends(grants)
        return {"now": clock.now(), "uses": get_last_uses(grants)}
