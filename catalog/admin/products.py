# ruff: noqa: ARG002 - Django names the arguments, and documents `_meta`
"""Domains and data products, kept by people."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from audit.admin_bases import AuditedAdmin, TabularInline
from catalog.admin.forms import DataProductForm, ProductTableForm
from catalog.products.models import DataProduct, Domain, ProductTable
from catalog.role_changes import domain_made, domain_owner, product_domain, product_made, product_tables
from catalog.search.index.indexing import index_products
from identity.admin.bases import ProposingAdmin, made_by
from identity.people.models import Team
from identity.role_changes.changes import Change


@admin.register(Domain)
class DomainAdmin(ProposingAdmin):
    """Another team that owns it is proposed."""

    list_display = ("name", "line_of_business", "owner_team")
    list_filter = ("line_of_business",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    guarded = ("owner_team_id",)

    def change_of(self, row: Domain, wanted: Mapping[str, Any], before: Mapping[str, Any]) -> Change:
        return domain_owner(row, Team.objects.get(pk=wanted["owner_team_id"]))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        if not change:
            made_by(request, domain_made(obj))


class ProductTableInline(TabularInline):
    model = ProductTable
    form = ProductTableForm
    raw_id_fields = ("table",)
    extra = 0


@admin.register(DataProduct)
class DataProductAdmin(ProposingAdmin):
    """Another domain for it is proposed."""

    form = DataProductForm
    guarded = ("domain_id",)
    list_display = ("name", "domain", "owner", "tier", "is_published")
    list_filter = ("domain", "tier", "is_published")
    search_fields = ("name", "summary")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (ProductTableInline,)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_formset(request, form, formset, change)
        if change and formset.model is ProductTable and (formset.new_objects or formset.changed_objects):
            made_by(request, product_tables(form.instance))

    def change_of(self, row: DataProduct, wanted: Mapping[str, Any], before: Mapping[str, Any]) -> Change:
        return product_domain(row, Domain.objects.get(pk=wanted["domain_id"]))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        if not change:
            made_by(request, product_made(obj))

    def save_related(self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_related(request, form, formsets, change)
        index_products([form.instance.pk])


@admin.register(ProductTable)
class ProductTableAdmin(AuditedAdmin):
    form = ProductTableForm
    list_display = ("product", "table", "position")
    raw_id_fields = ("table",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        made_by(request, product_tables(obj.product))
