"""Admin pages of what is known of tables: classification, quality, freshness, lineage, similar schemas and changes."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms import ModelForm

from audit.admin import AuditedAdmin
from catalog.change_feed import Change, ChangeFeedPosition, PendingChange
from catalog.classification.models import Finding, SamplingRole, Scan
from catalog.freshness import FreshnessDay, TableFreshness
from catalog.lineage.models import ColumnEdge, DatasetLink, LineageDataset, LineageJob, LineageRun, TableEdge
from catalog.mesh.models import JoinColumn, SchemaComparison, SearchWithoutResult, SimilarTable
from catalog.quality.models import (
    QualityAnomaly,
    QualityMeasure,
    QualityReading,
    QualityResult,
    QualityRuleset,
)
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(QualityRuleset)
class QualityRulesetAdmin(ReadOnlyAdmin):
    list_display = ("name", "source", "table", "dataset", "team", "latest")
    list_filter = ("source", "team")
    search_fields = ("name", "table__name", "dataset__name")
    list_select_related = ("table__database", "dataset", "team", "latest__ruleset")


@admin.register(QualityResult)
class QualityResultAdmin(ReadOnlyAdmin):
    list_display = ("ruleset", "evaluated_at", "passed", "evaluated", "received_at", "sent_by")
    list_filter = ("ruleset__source",)
    search_fields = ("ruleset__name", "external_id")
    list_select_related = ("ruleset", "sent_by")


@admin.register(QualityMeasure)
class QualityMeasureAdmin(ReadOnlyAdmin):
    list_display = ("table", "column", "kind", "value", "measured_at", "source")
    list_filter = ("kind", "source")
    search_fields = ("table__name", "column")
    list_select_related = ("table__database",)


@admin.register(QualityAnomaly)
class QualityAnomalyAdmin(ReadOnlyAdmin):
    list_display = ("table", "column", "kind", "value", "low", "high", "started_at", "ended_at")
    list_filter = ("kind", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("table__name", "column")
    list_select_related = ("table__database",)


@admin.register(QualityReading)
class QualityReadingAdmin(ReadOnlyAdmin):
    list_display = ("catalog", "position", "looked_at", "trouble")
    list_filter = (("trouble", admin.EmptyFieldListFilter),)
    search_fields = ("catalog__short_name", "trouble")
    list_select_related = ("catalog__account",)


@admin.register(TableFreshness)
class TableFreshnessAdmin(ReadOnlyAdmin):
    list_display = ("pk", "table", "changed_at", "source", "may_be_newer", "read_at", "trouble")
    list_filter = ("source",)
    search_fields = ("table__name", "table__database__name")
    list_select_related = ("table__database",)


@admin.register(FreshnessDay)
class FreshnessDayAdmin(ReadOnlyAdmin):
    list_display = ("pk", "product", "day", "state", "age_minutes", "promised_hours")
    list_filter = ("state",)
    search_fields = ("product__name",)
    list_select_related = ("product",)


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


@admin.register(LineageJob)
class LineageJobAdmin(ReadOnlyAdmin):
    list_display = ("name", "namespace", "team", "kind", "view", "last_seen")
    list_filter = ("kind", "team")
    search_fields = ("name", "namespace")
    list_select_related = ("team", "view__database")


@admin.register(LineageRun)
class LineageRunAdmin(ReadOnlyAdmin):
    list_display = ("run_id", "job", "state", "started_at", "state_at")
    list_filter = ("state",)
    search_fields = ("job__name", "error")
    list_select_related = ("job",)


@admin.register(LineageDataset)
class LineageDatasetAdmin(ReadOnlyAdmin):
    """People match datasets on the portal's page *Unmatched datasets*."""

    list_display = ("name", "namespace", "match", "table", "team", "last_seen")
    list_filter = ("match", "team")
    search_fields = ("name", "namespace")
    list_select_related = ("table__database", "team")


@admin.register(DatasetLink)
class DatasetLinkAdmin(ReadOnlyAdmin):
    list_display = ("job", "dataset", "is_output", "last_seen")
    list_filter = ("is_output",)
    search_fields = ("job__name", "dataset__name")
    list_select_related = ("job", "dataset")


@admin.register(TableEdge)
class TableEdgeAdmin(ReadOnlyAdmin):
    list_display = ("source", "target", "job", "first_seen", "last_seen")
    search_fields = ("job__name", "source__name", "target__name")
    list_select_related = ("job", "source", "target")


@admin.register(ColumnEdge)
class ColumnEdgeAdmin(ReadOnlyAdmin):
    list_display = ("source", "source_column", "target", "target_column", "job", "last_seen")
    list_filter = ("is_direct",)
    search_fields = ("job__name", "source_column", "target_column")
    list_select_related = ("job", "source", "target")


@admin.register(SchemaComparison)
class SchemaComparisonAdmin(ReadOnlyAdmin):
    list_display = ("finished_at", "table_count")


@admin.register(SimilarTable)
class SimilarTableAdmin(ReadOnlyAdmin):
    list_display = ("table", "group")
    search_fields = ("table__name",)
    list_select_related = ("table__database",)


@admin.register(JoinColumn)
class JoinColumnAdmin(ReadOnlyAdmin):
    list_display = ("column", "table", "kind", "key")
    list_filter = ("kind",)
    search_fields = ("column", "table__name", "key")
    list_select_related = ("table__database",)


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ("seq", "at", "kind", "action", "product", "table")
    list_filter = ("kind", "action")
    search_fields = ("product__name", "table__name")
    list_select_related = ("product", "table__database")


@admin.register(PendingChange)
class PendingChangeAdmin(ReadOnlyAdmin):
    list_display = ("kind", "action", "table", "at")
    search_fields = ("table__name",)
    list_select_related = ("table__database",)


@admin.register(ChangeFeedPosition)
class ChangeFeedPositionAdmin(ReadOnlyAdmin):
    list_display = ("change_seq", "seal_seq")


@admin.register(SearchWithoutResult)
class SearchWithoutResultAdmin(ReadOnlyAdmin):
    """Without the text, which the page of the mesh shows only if enough people searched for it."""

    list_display = ("day", "people")
    fields = ("day", "people")
