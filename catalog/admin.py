"""Domains and products, kept by people; the mirror, to be looked at; catalogs, with *sync now*."""
# ruff: noqa: ARG002, SLF001 - Django names the arguments, and documents `_meta`

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from audit import clock
from audit.admin_bases import AuditedAdmin, ReadOnlyAdmin, TabularInline
from catalog.actions import request_sync
from catalog.alterations import Alteration
from catalog.beginnings import Beginning
from catalog.column_statistics import TableStatistics
from catalog.documents import Document, FacetCount
from catalog.forms import ConnectedCatalogForm, DatabaseForm, DataProductForm, ProductTableForm
from catalog.glossary import index_terms
from catalog.index import index_products
from catalog.models import (
    Column,
    Database,
    DataProduct,
    Domain,
    IndexedWord,
    Location,
    ProductTable,
    ResourceLink,
    SchemaChange,
    SyncProblem,
    SyncRun,
    SyncSettings,
    Table,
)
from catalog.offers import admin as offers  # noqa: F401 - Django looks for an app's pages here
from catalog.ranking import RankingWeights, in_force
from catalog.role_changes import (
    database_domain,
    domain_made,
    domain_owner,
    product_domain,
    product_made,
    product_tables,
)
from catalog.terms import Term, TermLink
from catalog.trails import LastUse, Trail, TrailReading
from identity.accounts.models import ConnectedCatalog
from identity.admin.bases import ProposingAdmin, made_by
from identity.errors import NotFoundError
from identity.people.models import Person, Team
from identity.role_changes.changes import Change


def _ask_for_sync(request: HttpRequest, catalog: ConnectedCatalog, database: str = "") -> None:
    """Of the whole catalog, or of one database; what came of it is said above the list."""
    assert isinstance(request.user, Person)
    what = f"{database} of {catalog}" if database else str(catalog)
    try:
        request_sync(acting_user=request.user, catalog_id=catalog.pk, database=database, now=clock.now())
    except NotFoundError:
        messages.error(request, f"There is no {what} any more, or you may not ask for a sync of it.")
    else:
        messages.success(request, f"The workers read {what} next.")


@admin.register(ConnectedCatalog)
class ConnectedCatalogAdmin(AuditedAdmin):
    form = ConnectedCatalogForm
    list_display = ("short_name", "account", "region", "kind")
    list_filter = ("kind", "region")
    actions = ("sync_now",)

    @admin.action(description="Sync now")
    def sync_now(self, request: HttpRequest, catalogs: QuerySet[ConnectedCatalog]) -> None:
        for catalog in catalogs:
            _ask_for_sync(request, catalog)


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


@admin.register(Database)
class DatabaseAdmin(ProposingAdmin):
    """Mirrored, but for its domain: which domain answers is the portal's knowledge; another one is proposed."""

    guarded = ("domain_id",)

    form = DatabaseForm
    list_display = ("name", "catalog", "domain", "tombstoned_at")
    list_filter = ("catalog", "domain")
    search_fields = ("name",)
    actions = ("sync_now",)

    @admin.action(description="Sync now")
    def sync_now(self, request: HttpRequest, databases: QuerySet[Database]) -> None:
        for database in databases.select_related("catalog"):
            _ask_for_sync(request, database.catalog, database.name)

    def change_of(self, row: Database, wanted: Mapping[str, Any], before: Mapping[str, Any]) -> Change:
        return database_domain(row, Domain.objects.filter(pk=wanted["domain_id"]).first())

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in Database._meta.fields if field.name != "domain"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Table)
class TableAdmin(ReadOnlyAdmin):
    list_display = ("name", "database", "kind", "classification", "mirrored_at", "tombstoned_at")
    list_filter = ("classification",)
    search_fields = ("name", "database__name")


@admin.register(Column)
class ColumnAdmin(ReadOnlyAdmin):
    list_display = ("name", "table", "type", "classification", "is_partition_key")
    list_filter = ("classification", "is_partition_key")
    search_fields = ("name", "table__name")
    list_select_related = ("table__database",)


@admin.register(IndexedWord)
class IndexedWordAdmin(ReadOnlyAdmin):
    list_display = ("word", "documents")
    search_fields = ("word",)


@admin.register(SyncSettings)
class SyncSettingsAdmin(AuditedAdmin):
    list_display = ("catalog", "pause_percent", "events_queue_url")


@admin.register(Trail)
class TrailAdmin(AuditedAdmin):
    """With what the workers found: a bucket that they may not read shows here within a minute."""

    list_display = ("catalog", "bucket", "folder", "read_since", "looked_at", "complete", "trouble")
    list_select_related = ("catalog__account", "reading")

    @admin.display(description="looked at")
    def looked_at(self, trail: Trail) -> datetime | None:
        reading = _reading_of(trail)
        return reading.looked_at if reading else None

    @admin.display(description="complete")
    def complete(self, trail: Trail) -> str:
        reading = _reading_of(trail)
        if reading is None or reading.since is None or reading.until is None:
            return "not known from any time on"
        return f"from {reading.since:%Y-%m-%d %H:%M} until {reading.until:%Y-%m-%d %H:%M} UTC"

    @admin.display(description="trouble")
    def trouble(self, trail: Trail) -> str:
        reading = _reading_of(trail)
        return reading.trouble if reading else ""


def _reading_of(trail: Trail) -> TrailReading | None:
    found: TrailReading | None = getattr(trail, "reading", None)
    return found


@admin.register(TrailReading)
class TrailReadingAdmin(ReadOnlyAdmin):
    list_display = ("trail", "since", "until", "files", "looked_at", "trouble")
    list_select_related = ("trail__catalog__account",)


@admin.register(LastUse)
class LastUseAdmin(ReadOnlyAdmin):
    list_display = ("reader", "account", "database", "table", "at")
    search_fields = ("reader", "table")


@admin.register(RankingWeights)
class RankingWeightsAdmin(AuditedAdmin):
    """Another version takes effect with the next search; none is changed or taken away."""

    list_display = (
        "id",
        "name",
        "words",
        "parts",
        "popularity",
        "completeness",
        "own_domain",
        "reason",
        "set_by",
        "set_at",
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**in_force(), **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        assert isinstance(obj, RankingWeights)
        assert isinstance(request.user, Person)
        obj.set_by, obj.set_at = request.user, clock.now()
        super().save_model(request, obj, form, change)


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = ("pk", "catalog", "database", "outcome", "tables", "changed", "tombstoned", "started_at")
    list_filter = ("outcome", "catalog")


@admin.register(SyncProblem)
class SyncProblemAdmin(ReadOnlyAdmin):
    list_display = ("run", "database", "error")


@admin.register(SchemaChange)
class SchemaChangeAdmin(ReadOnlyAdmin):
    list_display = ("table", "seen_at", "is_breaking")
    list_filter = ("is_breaking",)
    list_select_related = ("table__database",)


@admin.register(ResourceLink)
class ResourceLinkAdmin(ReadOnlyAdmin):
    list_display = ("name", "database", "catalog", "target_catalog", "target_database", "target_table")
    list_filter = ("catalog",)


@admin.register(TableStatistics)
class TableStatisticsAdmin(ReadOnlyAdmin):
    list_display = ("table", "read_at", "error")
    list_select_related = ("table__database",)
    search_fields = ("table__name",)


@admin.register(Location)
class LocationAdmin(ReadOnlyAdmin):
    list_display = ("arn", "catalog", "role_arn", "is_hybrid")
    list_filter = ("catalog",)


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "visibility", "tier", "fresh")
    list_filter = ("kind", "visibility")
    search_fields = ("name",)


@admin.register(FacetCount)
class FacetCountAdmin(ReadOnlyAdmin):
    list_display = ("visibility", "part", "value", "domain", "account", "documents")
    list_filter = ("visibility", "part")


@admin.register(Beginning)
class BeginningAdmin(ReadOnlyAdmin):
    list_display = ("begun", "offered")
    search_fields = ("begun",)


@admin.register(Alteration)
class AlterationAdmin(ReadOnlyAdmin):
    list_display = ("mark",)
