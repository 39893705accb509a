"""Read-only admin pages of derivation requests and warnings."""

from django.contrib import admin

from catalog.derivation.models import DerivationRequest, DerivationWarning
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(DerivationRequest)
class DerivationRequestAdmin(ReadOnlyAdmin):
    list_display = ("pk", "product", "domain", "state", "requested_by", "requested_at", "ends_on")
    list_filter = ("state", "domain")
    search_fields = ("product__name", "domain__name", "requested_by__name")
    list_select_related = ("product", "domain", "requested_by")


@admin.register(DerivationWarning)
class DerivationWarningAdmin(ReadOnlyAdmin):
    list_display = ("pk", "product", "warned_at")
    search_fields = ("product__name",)
    list_select_related = ("product",)
