"""Admin pages of connected catalogs, with the action *sync now*, and read-only pages of the mirror."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from audit.admin import AuditedAdmin
from catalog.crawler_runs import Crawler, CrawlerRun
from catalog.mirror.models import (
    Column,
    Database,
    Location,
    ResourceLink,
    SchemaChange,
    Table,
    TableStatistics,
)
from catalog.products.domain_consistency import (
    explain_domain_refusal,
    explain_move_refusal,
    explain_table_refusal,
)
from catalog.products.models import DataProduct, Domain, ProductTable
from catalog.role_changes import database_domain_change
from catalog.sync.models import SyncProblem, SyncRun, SyncSettings
from catalog.sync.runs import request_sync
from identity.accounts import NOT_ACCOUNT_ROLE, ConnectedCatalog, is_role_of_account
from identity.admin.bases import ProposalAdmin
from identity.people.models import Person
from identity.role_changes.changes import ProposedRoleChange
from kernel import clock
from kernel.admin_bases import ReadOnlyAdmin
from kernel.errors import NotFoundError

if TYPE_CHECKING:
    CatalogForm = ModelForm[ConnectedCatalog]
    ProductTableFormBase = ModelForm[ProductTable]
    DataProductFormBase = ModelForm[DataProduct]
    DatabaseFormBase = ModelForm[Database]
else:
    CatalogForm = ProductTableFormBase = DataProductFormBase = DatabaseFormBase = ModelForm


class ConnectedCatalogForm(CatalogForm):
    class Meta:
        model = ConnectedCatalog
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        """Lake Formation accepts only a role of the catalog's own account for registering locations."""
        said: dict[str, Any] = super().clean() or {}
        account, arn = said.get("account"), said.get("location_role_arn", "")
        if (
            account
            and arn
            and not is_role_of_account(arn, account_id=account.account_id, partition=account.partition)
        ):
            self.add_error("location_role_arn", NOT_ACCOUNT_ROLE)
        return said


class ProductTableForm(ProductTableFormBase):
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if (table := said.get("table")) and (product := said.get("product")) and not said.get("DELETE"):
            _add_error_if(self, "table", explain_table_refusal(table, product.domain_id))
        return said


class DataProductForm(DataProductFormBase):
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.instance.pk and (domain := said.get("domain")):
            self.instance.domain = domain
            _add_error_if(self, "domain", explain_move_refusal(self.instance))
        return said


class DatabaseForm(DatabaseFormBase):
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self.instance.domain = said.get("domain")
        _add_error_if(self, "domain", explain_domain_refusal(self.instance))
        return said


def _add_error_if(form: "ModelForm[Any]", field: str, why: str) -> None:
    if why:
        form.add_error(field, why)


# ruff: noqa: ARG002, SLF001 - Django names the arguments, and documents `_meta`


def _request_sync_with_message(request: HttpRequest, catalog: ConnectedCatalog, database: str = "") -> None:
    """Request a sync of the catalog or one database, and show the result as a message."""
    assert isinstance(request.user, Person)
    what = f"{database} of {catalog}" if database else str(catalog)
    try:
        request_sync(acting_user=request.user, catalog_id=catalog.pk, database=database, now=clock.now())
    except NotFoundError:
        messages.error(request, f"Could not sync {what}: it no longer exists, or you can't sync it.")
    else:
        messages.success(request, f"The workers read {what} next.")


@admin.register(ConnectedCatalog)
class ConnectedCatalogAdmin(AuditedAdmin):
    form = ConnectedCatalogForm
    subject_kind = "catalog"
    list_display = ("short_name", "account", "region", "kind", "holds_new_columns")
    list_filter = ("kind", "account", "holds_new_columns")
    search_fields = ("short_name", "account__name", "account__account_id", "region")
    ordering = ("short_name",)
    autocomplete_fields = ("account",)
    list_select_related = ("account",)
    actions = ("sync_now",)

    @admin.action(description="Sync now")
    def sync_now(self, request: HttpRequest, catalogs: QuerySet[ConnectedCatalog]) -> None:
        for catalog in catalogs:
            _request_sync_with_message(request, catalog)


@admin.register(Database)
class DatabaseAdmin(ProposalAdmin):
    """Read-only except for the domain, which AWS does not know. A new domain is proposed as a role change."""

    guarded_attributes = ("domain_id",)

    form = DatabaseForm
    list_display = ("name", "catalog", "domain", "tombstoned_at")
    list_filter = ("catalog", "domain", ("tombstoned_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "description", "location")
    readonly_fields = tuple(field.name for field in Database._meta.fields if field.name != "domain")
    autocomplete_fields = ("domain",)
    list_select_related = ("catalog__account", "domain")
    actions = ("sync_now",)

    @admin.action(description="Sync now")
    def sync_now(self, request: HttpRequest, databases: QuerySet[Database]) -> None:
        for database in databases.select_related("catalog"):
            _request_sync_with_message(request, database.catalog, database.name)

    def build_change(
        self, row: Database, new_values: Mapping[str, Any], old_values: Mapping[str, Any]
    ) -> ProposedRoleChange:
        return database_domain_change(row, Domain.objects.filter(pk=new_values["domain_id"]).first())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Table)
class TableAdmin(ReadOnlyAdmin):
    list_display = ("name", "database", "kind", "classification", "mirrored_at", "tombstoned_at")
    list_filter = (
        "kind",
        "classification",
        "database__catalog",
        ("tombstoned_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "database__name", "location")
    ordering = ("name", "pk")
    list_select_related = ("database", "succeeded_by__database")


@admin.register(Column)
class ColumnAdmin(ReadOnlyAdmin):
    list_display = ("name", "table", "type", "classification", "is_partition_key")
    list_filter = ("classification", "is_partition_key")
    search_fields = ("name", "table__name", "comment")
    list_select_related = ("table__database",)


@admin.register(SchemaChange)
class SchemaChangeAdmin(ReadOnlyAdmin):
    list_display = ("table", "seen_at", "is_breaking", "changes")
    list_filter = ("is_breaking", "seen_at")
    search_fields = ("table__name", "table__database__name")
    list_select_related = ("table__database",)


@admin.register(ResourceLink)
class ResourceLinkAdmin(ReadOnlyAdmin):
    list_display = ("name", "database", "catalog", "target_catalog", "target_database", "target_table")
    list_filter = ("catalog",)
    search_fields = ("name", "database", "target_database", "target_table")
    list_select_related = ("catalog__account", "leads_to_database", "leads_to_table__database")


@admin.register(TableStatistics)
class TableStatisticsAdmin(ReadOnlyAdmin):
    list_display = ("table", "read_at", "error")
    list_select_related = ("table__database",)
    list_filter = (("error", admin.EmptyFieldListFilter),)
    search_fields = ("table__name", "table__database__name")


@admin.register(Location)
class LocationAdmin(ReadOnlyAdmin):
    list_display = ("arn", "catalog", "role_arn", "is_hybrid")
    list_filter = ("catalog", "is_hybrid")
    search_fields = ("arn", "role_arn")
    list_select_related = ("catalog__account",)


@admin.register(SyncSettings)
class SyncSettingsAdmin(AuditedAdmin):
    list_display = ("catalog", "pause_percent", "events_queue_url")
    search_fields = ("catalog__short_name", "events_queue_url")
    autocomplete_fields = ("catalog",)
    list_select_related = ("catalog__account",)


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = (
        "pk", "catalog", "database", "outcome", "requested_by", "started_at", "finished_at", "tables", "changed",
        "tombstoned", "error",
    )  # fmt: skip
    list_filter = ("outcome", "catalog", "started_at")
    search_fields = ("database", "error")
    list_select_related = ("catalog__account", "requested_by")


@admin.register(SyncProblem)
class SyncProblemAdmin(ReadOnlyAdmin):
    list_display = ("run", "database", "error")
    list_filter = ("run__catalog",)
    search_fields = ("database", "error")
    list_select_related = ("run__catalog__account",)


@admin.register(Crawler)
class CrawlerAdmin(ReadOnlyAdmin):
    list_display = ("name", "catalog", "database", "read_at")
    list_filter = ("catalog",)
    search_fields = ("name", "database")
    list_select_related = ("catalog__account",)


@admin.register(CrawlerRun)
class CrawlerRunAdmin(ReadOnlyAdmin):
    list_display = (
        "pk",
        "crawler",
        "catalog",
        "state",
        "problem",
        "requested_by",
        "requested_at",
        "finished_at",
    )
    list_filter = ("state", "problem", "catalog")
    search_fields = ("crawler", "database")
    list_select_related = ("catalog__account", "requested_by")
