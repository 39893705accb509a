# ruff: noqa: ARG002 - Django names the arguments, and documents `_meta`
"""Read-only admin pages of the search index, and the ranking weights."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from audit import clock
from audit.admin_bases import AuditedAdmin, ReadOnlyAdmin
from catalog.change_versions import Alteration
from catalog.search.index.models import Document, FacetCount, IndexedWord, LexemeChange, LexemeCount
from catalog.search.models import CachedPrefix, RankingWeights
from catalog.search.plans.ranking import current_weights
from identity.people.models import Person


@admin.register(IndexedWord)
class IndexedWordAdmin(ReadOnlyAdmin):
    list_display = ("word", "documents")
    search_fields = ("word",)


@admin.register(RankingWeights)
class RankingWeightsAdmin(AuditedAdmin):
    """A new version takes effect at the next search. Versions are neither changed nor deleted."""

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
        return {**current_weights(), **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        assert isinstance(obj, RankingWeights)
        assert isinstance(request.user, Person)
        obj.set_by, obj.set_at = request.user, clock.now()
        super().save_model(request, obj, form, change)


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "visibility", "tier", "fresh")
    list_filter = ("kind", "visibility")
    search_fields = ("name",)


@admin.register(FacetCount)
class FacetCountAdmin(ReadOnlyAdmin):
    list_display = ("visibility", "part", "value", "domain", "account", "documents")
    list_filter = ("visibility", "part")


@admin.register(LexemeCount, LexemeChange)
class LexemeCountAdmin(ReadOnlyAdmin):
    list_display = ("lexeme", "documents")
    search_fields = ("lexeme",)


@admin.register(CachedPrefix)
class CachedPrefixAdmin(ReadOnlyAdmin):
    list_display = ("prefix", "completions")
    search_fields = ("prefix",)


@admin.register(Alteration)
class AlterationAdmin(ReadOnlyAdmin):
    list_display = ("mark",)
