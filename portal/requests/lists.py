"""The list of access requests."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.api.filters import ListFilters, by_id, by_text, by_time
from portal.api.pagination import Rows
from portal.lists.declaration import EmptyState, ListPage
from portal.requests.presenters import build_request_rows, list_grants
from requests_app.access_requests.queries import list_own_requests, list_visible_requests
from requests_app.grants.end_dates import load_earlier_ends
from requests_app.leavers.queries import list_leaver_requests


class AccessRequestFilters(ListFilters):
    team = by_text("team__slug", "The team that requested it.")
    principal = by_text("principal__arn", "ARN of the role or user that receives it.")
    requester = by_id("requester", "The person who sent it.")
    submitted_before, submitted_after = by_time("submitted_at")
    expires_before, expires_after = by_time("ends_at")


class AccessRequestList(ListPage):
    route, api_route = "access-requests", "api-access-requests"
    template = cells = "portal/requests/list.html"
    title = _("My requests")
    filters = AccessRequestFilters
    sorts = {"id": "pk", "submitted_at": "submitted_at", "expires_at": "ends_at"}
    has_scope = True
    page_size = 25
    part = "list"
    empty = EmptyState(
        "box",
        _("No requests yet"),
        _("When you request access, you can follow the request here until your access is proven."),
        _("Find data"),
        "search",
    )

    def list_rows(self) -> Rows:
        return list_visible_requests(self.person) if self.shows_all else list_own_requests(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_request_rows(rows, self.now)

    def build_context(self, _rows: list[Any]) -> Mapping[str, Any]:
        return {"inactive_requester_requests": list_leaver_requests(self.person)}

    def build_api_context(self, rows: list[Any]) -> Mapping[str, Any]:
        load_earlier_ends(list_grants(rows))
        return {"now": self.now}

    def describe_progress(self, rows: list[Any]) -> tuple[object, bool]:
        is_moving = any(state.is_changing for row in rows for state, _count in row.states)
        return [(row.request.pk, row.states) for row in rows], is_moving
