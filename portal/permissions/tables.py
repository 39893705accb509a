"""The table of a catalog's permissions."""

from django.utils.translation import gettext_lazy as _

from portal.lists.declaration import Column, ColumnTable


class PermissionTable(ColumnTable):
    """Its rows are `PermissionRow`."""

    route = "permissions"
    cells = "portal/permissions/_cells.html"
    is_dense = True
    columns = (
        Column(_("Status"), "state", classes="state-column", is_labelled=False),
        Column(_("Role"), "holder", is_labelled=False, is_needed=True),
        Column(_("Permission"), "verb", classes="wide-column", is_labelled=False),
        Column(_("On"), "resource", cell_classes="mono"),
        Column(_("Requested by"), "requested_by"),
        Column(_("Seen since"), "seen_since", classes="time-column", cell_classes="nowrap muted"),
        Column(
            _("Actions"),
            "actions",
            classes="action-column",
            cell_classes="end",
            is_labelled=False,
            is_label_hidden=True,
        ),
    )
