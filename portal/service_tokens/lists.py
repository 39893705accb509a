"""The list of service tokens."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from identity.service_tokens import (
    ServiceToken,
    list_service_tokens,
    may_revoke_service_token,
    may_use_service_token,
)
from portal.api.filters import ListFilters, by_presence, by_text
from portal.lists.declaration import Column, EmptyState, ListPage


class ServiceTokenFilters(ListFilters):
    team = by_text("team__slug", "The team.")
    revoked = by_presence("revoked_at", "Whether it is revoked.")


@dataclass(frozen=True)
class ServiceTokenRow:
    token: ServiceToken
    is_active: bool
    is_past: bool
    may_revoke: bool


class ServiceTokenList(ListPage):
    route, api_route = "tokens", "api-tokens"
    template = "portal/service_tokens/list.html"
    title = _("Service tokens")
    lead = _(
        "Pipelines and other services of your team call the API with a token. A token ends when its creator leaves the team."
    )
    label = _("List of service tokens")
    cells = "portal/service_tokens/_cells.html"
    columns = (
        Column(_("Service"), "service", is_labelled=False, sort="name"),
        Column(_("Team"), "components/cells.html#link", "token.team", sort="team__name"),
        Column(_("May"), "scopes"),
        Column(_("Last used"), "components/cells.html#last_time", "token.last_used_at", sort="last_used_at"),
        Column(_("Ends"), "end", sort="expires_at"),
        Column(_("Actions"), "revoke", is_labelled=False, is_label_hidden=True),
    )
    filters = ServiceTokenFilters
    empty = EmptyState(
        "key",
        _("No service tokens yet"),
        _("The tokens of your teams appear here. Data owners and account admins create them."),
    )

    def list_rows(self) -> QuerySet[Any]:
        return list_service_tokens(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return [
            ServiceTokenRow(
                row,
                is_active=may_use_service_token(row, self.now),
                is_past=row.expires_at <= self.now,
                may_revoke=bool(may_revoke_service_token(self.person, row)),
            )
            for row in rows
        ]
