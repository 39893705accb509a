"""Admin pages of the glossary."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from audit.admin_bases import AuditedAdmin, TabularInline
from catalog.glossary.models import Term, TermLink
from catalog.search.index.glossary_keys import index_terms


class TermLinkInline(TabularInline):
    model = TermLink
    raw_id_fields = ("product", "table")
    extra = 0


@admin.register(Term)
class TermAdmin(AuditedAdmin):
    list_display = ("name", "synonyms", "owner_team")
    list_filter = ("owner_team",)
    search_fields = ("name", "definition")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (TermLinkInline,)

    def save_related(self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_related(request, form, formsets, change)
        index_terms([form.instance.pk])


@admin.register(TermLink)
class TermLinkAdmin(AuditedAdmin):
    list_display = ("term", "product", "table", "column")
    list_select_related = ("term", "product", "table__database")
    raw_id_fields = ("product", "table")
