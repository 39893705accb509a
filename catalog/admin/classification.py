"""Admin pages of the roles that read samples, of scans and of findings."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms import ModelForm

from audit.admin import AuditedAdmin
from catalog.classification.models import Finding, SamplingRole, Scan
from kernel.admin_bases import ReadOnlyAdmin

if TYPE_CHECKING:
    SamplingRoleFormBase = ModelForm[SamplingRole]
else:
    SamplingRoleFormBase = ModelForm


class SamplingRoleForm(SamplingRoleFormBase):
    """Refuses administrators of the data lake, and roles of other accounts."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        catalog, principal = cleaned.get("catalog"), cleaned.get("principal")
        if catalog is None or principal is None:
            return cleaned
        if principal.is_portal or principal.is_user or principal.is_account:
            self.add_error("principal", "Choose an IAM role that is not the portal's own.")
        elif principal.account_id != catalog.account_id:
            self.add_error("principal", "Choose a role of the catalog's account.")
        elif principal.gone_at is not None:
            self.add_error("principal", "This role no longer exists.")
        return cleaned


@admin.register(SamplingRole)
class SamplingRoleAdmin(AuditedAdmin):
    form = SamplingRoleForm
    list_display = ("catalog", "principal", "workgroup")
    search_fields = ("catalog__short_name", "principal__arn")
    autocomplete_fields = ("catalog", "principal")
    list_select_related = ("catalog__account", "principal__account")


@admin.register(Scan)
class ScanAdmin(ReadOnlyAdmin):
    list_display = (
        "pk",
        "table",
        "state",
        "requested_by",
        "requested_at",
        "finished_at",
        "is_by_name",
        "reason",
    )
    list_filter = ("state", "is_by_name")
    search_fields = ("table__name", "table__database__name")
    list_select_related = ("table__database", "requested_by")


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ("pk", "table", "column", "kind", "proposed_class", "state", "score", "found_at")
    list_filter = ("state", "kind", "proposed_class")
    search_fields = ("column", "table__name", "table__database__name")
    list_select_related = ("table__database",)
