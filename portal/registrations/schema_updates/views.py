"""Schema updates: the page of one, and the decision on it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from catalog.registrations.schema_updates.kind import SCHEMA_UPDATE
from catalog.registrations.schema_updates.models import SchemaUpdate
from portal.decisions.declaration import DecisionPage
from portal.decisions.views import DecisionViews
from portal.registrations.schema_updates.presenters import build_schema_update_details


class SchemaUpdatePage(DecisionPage):
    kind = SCHEMA_UPDATE
    detail_template = "portal/registrations/schema_update.html"
    done = {
        "approve": gettext_lazy("Approved. The table is being updated, and its consumers are notified."),
        "reject": gettext_lazy("Rejected. The table stays as it is."),
    }

    def build_context(self, row: SchemaUpdate) -> Mapping[str, Any]:
        return {"update": row, "details": build_schema_update_details(self.person, row)}


views = DecisionViews(SchemaUpdatePage)
detail, decide = views.make_view("detail", "GET"), views.make_view("decide", "POST")
