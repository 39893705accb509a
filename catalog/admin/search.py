# ruff: noqa: ARG002 - Django names the arguments, and documents `_meta`
"""Read-only admin pages of the search index, and the ranking weights."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.forms import ModelForm
from django.http import HttpRequest

from audit.admin import AuditedAdmin
from catalog.change_versions import Alteration
from catalog.products.models import Domain
from catalog.search.index.models import Document, FacetCount, IndexedWord, LexemeChange, LexemeCount
from catalog.search.models import CachedPrefix, RankingWeights
from catalog.search.plans.general_plan import read_weights
from identity.accounts import Account
from identity.people.models import Person
from kernel import clock
from kernel.admin_bases import ReadOnlyAdmin


class DomainNamesAdmin(ReadOnlyAdmin):
    """Rows that hold the ids of a domain and an account without a foreign key."""

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        domain = Domain.objects.filter(pk=OuterRef("domain")).values("name")
        account = Account.objects.filter(pk=OuterRef("account")).values("name")
        rows = super().get_queryset(request)
        with_names: QuerySet[Any] = rows.annotate(
            name_of_domain=Subquery(domain), name_of_account=Subquery(account)
        )
        return with_names

    @admin.display(description="domain", ordering="name_of_domain")
    def domain_name(self, row: Any) -> str:
        return row.name_of_domain or ""

    @admin.display(description="account", ordering="name_of_account")
    def account_name(self, row: Any) -> str:
        return row.name_of_account or ""


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
        "quality",
        "promise",
        "freshness",
        "lineage",
        "reason",
        "set_by",
        "set_at",
    )

    list_filter = ("set_at",)
    search_fields = ("reason", "set_by__name")
    list_select_related = ("set_by",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**read_weights(), **super().get_changeform_initial_data(request)}

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
class DocumentAdmin(DomainNamesAdmin):
    list_display = (
        "name",
        "kind",
        "visibility",
        "domain_name",
        "account_name",
        "tier",
        "fresh",
        "completeness",
    )
    list_filter = ("kind", "visibility", "is_empty")
    search_fields = ("name",)


@admin.register(FacetCount)
class FacetCountAdmin(DomainNamesAdmin):
    list_display = ("part", "value", "visibility", "domain_name", "account_name", "documents")
    list_filter = ("visibility", "part")
    search_fields = ("part", "value")


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
    list_display = ("mark", "subject")
    list_filter = ("subject",)
    search_fields = ("subject",)
