"""Admin pages of publication rules and exceptions from them."""

from django.contrib import admin

from catalog.publication_rules.models import PublicationRules, RuleException
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(PublicationRules)
class PublicationRulesAdmin(ReadOnlyAdmin):
    list_display = ("number", "state", "written_by", "written_at", "in_force_by", "in_force_at")
    list_filter = ("state",)
    search_fields = ("note",)
    list_select_related = ("written_by", "in_force_by")


@admin.register(RuleException)
class RuleExceptionAdmin(ReadOnlyAdmin):
    list_display = ("product", "key", "allowed_by", "allowed_at", "ended_at")
    list_filter = ("key",)
    search_fields = ("product__name", "reason")
    list_select_related = ("product", "allowed_by")
