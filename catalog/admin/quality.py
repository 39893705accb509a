"""Read-only admin pages of quality."""

from django.contrib import admin

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
