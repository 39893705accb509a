"""The list of notifications."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.api.filters import ListFilters, by_absence, by_choice
from portal.api.pagination import Rows
from portal.lists.declaration import EmptyState, FilterInput, ListPage, Text
from portal.notifications.presenters import build_notification_rows
from requests_app.notifications.kinds import NotificationKind
from requests_app.notifications.queries import list_latest_notifications, list_notifications

NEW = "1"


class NotificationFilters(ListFilters):
    unread = by_absence("read_at", "`true` for those that you have not read.")
    kind = by_choice("kind", NotificationKind.values, "What it is about.")


class NotificationList(ListPage):
    """The page has the order of the times that are shown: the latest event first."""

    route = "notifications"
    template = cells = "portal/notifications/list.html"
    title = _("Notifications")
    lead = _("What happened to requests and access that concern you.")
    filters = NotificationFilters
    inputs = (
        FilterInput(
            "kind", _("About"), "select", options=lambda _list: NotificationKind.choices, any_label=_("All")
        ),
    )
    tab_parameter = "new"
    page_size = 30
    is_keyed = True
    empty = EmptyState(
        "bell",
        _("No notifications yet"),
        _("Decisions on your requests, items for you to review, and changes to your access appear here."),
        _("Browse data products"),
        "search",
        "plain",
    )
    empty_filtered = EmptyState(
        "bell",
        _("No new notifications of this kind"),
        _("Remove the filter to see older ones."),
        _("Show all"),
        "notifications",
        "plain",
    )

    def list_tabs(self) -> dict[str, Text]:
        return {"": _("All"), NEW: _("New")}

    def list_rows(self) -> Rows:
        return list_notifications(self.person)

    def list_tab_rows(self) -> Rows:
        rows = list_latest_notifications(self.person)
        return rows.filter(read_at=None) if self.tab == NEW else rows

    def begin_after(self, rows: Any, before: int | None) -> Any:
        """By the times of the events. An id of somebody else's begins anew."""
        last = list_notifications(self.person).filter(pk=before) if before else ()
        for at in last and last.values_list("event__at", flat=True):
            return rows.filter(Q(event__at__lt=at) | Q(event__at=at, pk__lt=before))
        return rows

    def get_empty_state(self, *, is_filtered: bool, is_valid: bool) -> EmptyState:
        return super().get_empty_state(is_filtered=is_filtered or self.tab == NEW, is_valid=is_valid)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_notification_rows(self.person, rows, self.now)

    def build_context(self, rows: list[Any]) -> Mapping[str, Any]:
        return {"newest_id": max((row.notification.pk for row in rows), default=0)}
