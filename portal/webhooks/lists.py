"""The list of webhooks."""

from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.lists.declaration import Column, EmptyState, ListPage
from requests_app.notifications.webhooks.queries import list_webhooks


class WebhookList(ListPage):
    route = "webhooks"
    template = "portal/webhooks/list.html"
    title = _("Webhooks")
    label = _("List of webhooks")
    cells = "portal/webhooks/_cells.html"
    columns = (
        Column(_("Name"), "name", is_labelled=False, sort="name"),
        Column(_("Host"), "components/cells.html#text", "host", cell_classes="mono long"),
        Column(_("Gets"), "changes"),
        Column(_("Domain"), "domain"),
        Column(_("Last delivered"), "components/cells.html#last_time", "last_sent_at", sort="last_sent_at"),
        Column(_("Waiting"), "components/cells.html#text", "waiting", "end", "end num", sort="waiting"),
        Column(_("Given up"), "components/cells.html#text", "failed", "end", "end num", sort="failed"),
    )
    empty = EmptyState(
        "link",
        _("No webhooks yet"),
        _("Add one to send changes to another system."),
        _("Add a webhook"),
        "webhook-new",
    )

    def list_rows(self) -> QuerySet[Any]:
        return list_webhooks(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        for webhook in rows:
            webhook.host = urlsplit(webhook.url).hostname or ""
        return rows
