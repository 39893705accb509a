"""The list of LF-Tag keys."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.tag_changes.tag_keys import (
    build_tag_key_details,
    build_tagged_table_rows,
    list_tables_with_tag,
    visible_tag_keys,
)
from portal.api.filters import ListFilters, by_text
from portal.lists.declaration import Column, EmptyState, ListPage, Text


class TagFilters(ListFilters):
    key = by_text("key", "Its key, in lower case.")
    catalog = by_text("catalog__short_name")


class TagList(ListPage):
    route, api_route = "tags", "api-tags"
    template = "portal/tags/list.html"
    title = _("Tags")
    lead = _(
        "The LF-Tag keys of the mesh and their values. Grants by LF-Tags follow them, so each change waits for approval."
    )
    label = _("List of keys")
    cells = "portal/tags/_cells.html"
    columns = (
        Column(_("Key"), "key", is_labelled=False, sort="key"),
        Column(_("Values"), "values"),
        Column(_("Databases"), "components/cells.html#text", "use.databases", "end", "end num"),
        Column(_("Tables"), "components/cells.html#text", "use.tables", "end", "end num"),
        Column(_("Columns"), "components/cells.html#text", "use.columns", "end", "end num"),
        Column(_("Defined by"), "defined_by"),
    )
    filters = TagFilters
    order = ("key", "pk")
    empty = EmptyState(
        "table",
        _("No tags yet"),
        _("Keys appear here after the next catalog sync, or once a key is defined."),
    )

    def list_rows(self) -> QuerySet[Any]:
        return visible_tag_keys(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_tag_key_details(self.person, rows)


class TaggedTableList(ListPage):
    """The tables that carry the tag `key`; with `value`, only where it is that value."""

    template = "portal/tags/detail.html"
    title = _("Where it is used")
    label = _("Tables")
    cells = "portal/tags/_cells.html"
    columns = (
        Column(_("Table"), "tagged_table", "table", is_labelled=False),
        Column(_("Value"), "tag_value", "value"),
        Column(_("Columns"), "tagged_columns"),
    )
    tab_parameter = "value"
    empty = EmptyState("table", _("No table carries it."), "")

    def list_tabs(self) -> dict[str, Text]:
        return {"": "", **{value: value for value in self.ids["key"].values}}

    def list_rows(self) -> QuerySet[Any]:
        return list_tables_with_tag(self.person, self.ids["key"], self.tab)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_tagged_table_rows(self.ids["key"], rows)
