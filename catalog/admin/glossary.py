"""Admin pages of the glossary."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from audit.admin_bases import AdminInline, AuditedAdmin
from catalog.glossary.models import Term, TermLink
from catalog.search.index.glossary_keys import index_terms


class TermLinkInline(AdminInline):
    model = TermLink
    autocomplete_fields = ("product", "table")
    extra = 0


@admin.register(Term)
class TermAdmin(AuditedAdmin):
    list_display = ("name", "synonyms", "owner_team")
    list_filter = ("owner_team",)
    search_fields = ("name", "definition")
    ordering = ("name",)
    autocomplete_fields = ("owner_team",)
    list_select_related = ("owner_team",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (TermLinkInline,)

    def save_related(self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_related(request, form, formsets, change)
        index_terms([form.instance.pk])


@admin.register(TermLink)
class TermLinkAdmin(AuditedAdmin):
    list_display = ("term", "product", "table", "column")
    list_filter = ("term",)
    search_fields = ("term__name", "product__name", "table__name", "column")
    list_select_related = ("term", "product", "table__database")
    autocomplete_fields = ("term", "product", "table")
