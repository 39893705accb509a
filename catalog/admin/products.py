"""Admin pages of domains and data products."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from audit.admin import AuditedAdmin
from catalog.admin.catalogs import DataProductForm, ProductTableForm
from catalog.discovery import DiscoveryTeam
from catalog.follows import Follow
from catalog.problems import Problem
from catalog.product_lifecycle.models import Deprecation, RequestException, Retirement
from catalog.products.models import DataProduct, Domain, ProductInput, ProductTable
from catalog.products.offers.models import Offer, OfferTable, OfferTerms, OfferVersion, TermsAcceptance
from catalog.promises import PromiseBreach
from catalog.publication_rules.models import PublicationRules, RuleException
from catalog.questions import Answer, Question, SameQuestion
from catalog.release_notes import ReleaseNote
from catalog.revisions.models import ProductRevision
from catalog.role_changes import (
    domain_owner_change,
    new_domain_change,
    new_product_change,
    product_domain_change,
    product_tables_change,
)
from catalog.search.index.indexing import index_products
from identity.admin.bases import ProposalAdmin, record_change
from identity.people.models import Team
from identity.role_changes.changes import ProposedRoleChange
from kernel.admin_bases import AdminInline, ReadOnlyAdmin

# ruff: noqa: ARG002 - Django names the arguments, and documents `_meta`


@admin.register(Domain)
class DomainAdmin(ProposalAdmin):
    """A new owner team is proposed as a role change."""

    list_display = ("name", "line_of_business", "owner_team")
    list_filter = ("line_of_business", "owner_team")
    search_fields = ("name", "slug", "owner_team__name")
    ordering = ("name",)
    autocomplete_fields = ("owner_team",)
    list_select_related = ("owner_team",)
    prepopulated_fields = {"slug": ("name",)}
    guarded_attributes = ("owner_team_id",)

    def build_change(
        self, row: Domain, new_values: Mapping[str, Any], old_values: Mapping[str, Any]
    ) -> ProposedRoleChange:
        return domain_owner_change(row, Team.objects.get(pk=new_values["owner_team_id"]))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        if not change:
            record_change(request, new_domain_change(obj))


class ProductTableInline(AdminInline):
    model = ProductTable
    form = ProductTableForm
    autocomplete_fields = ("table",)
    extra = 0


@admin.register(DataProduct)
class DataProductAdmin(ProposalAdmin):
    """A new domain is proposed as a role change."""

    form = DataProductForm
    guarded_attributes = ("domain_id",)
    list_display = ("name", "domain", "owner", "tier", "lifecycle")
    list_filter = ("domain", "tier", "lifecycle")
    search_fields = ("name", "slug", "summary", "owner__name")
    ordering = ("name",)
    autocomplete_fields = ("domain", "owner")
    list_select_related = ("domain", "owner")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (ProductTableInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A deprecated or retired product is published and unpublished by its people alone."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "is_published") if obj is not None and obj.deprecated_at is not None else fields

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_formset(request, form, formset, change)
        if change and formset.model is ProductTable and (formset.new_objects or formset.changed_objects):
            record_change(request, product_tables_change(form.instance))

    def build_change(
        self, row: DataProduct, new_values: Mapping[str, Any], old_values: Mapping[str, Any]
    ) -> ProposedRoleChange:
        return product_domain_change(row, Domain.objects.get(pk=new_values["domain_id"]))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        if not change:
            record_change(request, new_product_change(obj))

    def save_related(self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_related(request, form, formsets, change)
        index_products([form.instance.pk])


@admin.register(ProductRevision)
class ProductRevisionAdmin(ReadOnlyAdmin):
    list_display = ("product", "number", "state", "written_by", "written_at", "published_by", "published_at")
    list_filter = ("state", "product__domain")
    search_fields = ("product__name", "written_by__name", "note")
    list_select_related = ("product", "written_by", "published_by")


@admin.register(ProductInput)
class ProductInputAdmin(ReadOnlyAdmin):
    list_display = ("product", "input")
    search_fields = ("product__name", "input__name")
    list_select_related = ("product", "input")


@admin.register(DiscoveryTeam)
class DiscoveryTeamAdmin(ReadOnlyAdmin):
    list_display = ("product", "team", "may_request")
    list_filter = ("team", "may_request")
    search_fields = ("product__name", "team__name")
    list_select_related = ("product", "team")


@admin.register(Deprecation)
class DeprecationAdmin(ReadOnlyAdmin):
    list_display = ("product", "successor", "retires_on", "deprecated_by", "deprecated_at", "withdrawn_at")
    list_filter = ("product__domain",)
    search_fields = ("product__name", "reason")
    list_select_related = ("product", "successor", "deprecated_by")


@admin.register(RequestException)
class RequestExceptionAdmin(ReadOnlyAdmin):
    list_display = ("deprecation", "person", "team", "until", "allowed_by", "ended_at")
    search_fields = ("deprecation__product__name", "reason")
    list_select_related = ("deprecation__product", "person", "team", "allowed_by")


@admin.register(Retirement)
class RetirementAdmin(ReadOnlyAdmin):
    list_display = ("deprecation", "state", "due_at", "scheduled_by", "done_at")
    list_filter = ("state",)
    search_fields = ("deprecation__product__name",)
    list_select_related = ("deprecation__product", "scheduled_by")


@admin.register(ProductTable)
class ProductTableAdmin(AuditedAdmin):
    form = ProductTableForm
    list_display = ("product", "table", "position")
    list_filter = ("product__domain",)
    search_fields = ("product__name", "table__name", "table__database__name")
    autocomplete_fields = ("product", "table")
    list_select_related = ("product", "table__database")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        record_change(request, product_tables_change(obj.product))


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ("id", "product", "domain")
    list_filter = ("domain",)
    search_fields = ("product__name", "domain__name")
    list_select_related = ("product", "domain")


@admin.register(OfferVersion)
class OfferVersionAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "number",
        "offer",
        "state",
        "automatic",
        "published_by",
        "published_at",
        "retired_at",
    )
    list_filter = ("state", "scope", "automatic")
    search_fields = ("name", "summary", "offer__product__name")
    list_select_related = (
        "offer__product",
        "database",
        "catalog__account",
        "terms__offer__product",
        "published_by",
    )


@admin.register(OfferTable)
class OfferTableAdmin(ReadOnlyAdmin):
    list_display = ("version", "table")
    search_fields = ("version__name", "table__name", "table__database__name")
    list_select_related = ("version", "table__database")


@admin.register(OfferTerms)
class OfferTermsAdmin(ReadOnlyAdmin):
    list_display = ("offer", "number", "text")
    search_fields = ("offer__product__name", "text")
    list_select_related = ("offer__product",)


@admin.register(TermsAcceptance)
class TermsAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("person", "terms", "accepted_at")
    list_filter = ("accepted_at",)
    search_fields = ("person__name", "terms__offer__product__name")
    list_select_related = ("person", "terms__offer__product")


@admin.register(PromiseBreach)
class PromiseBreachAdmin(ReadOnlyAdmin):
    list_display = ("pk", "product", "kind", "promised", "fact", "began_at", "ended_at")
    list_filter = ("kind", "product")
    search_fields = ("product__name", "fact", "cause")
    list_select_related = ("product",)


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


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin):
    list_display = ("pk", "title", "product", "table", "column", "state", "reported_by", "reported_at")
    list_filter = ("state", "product")
    search_fields = ("title", "product__name", "reported_by__name")
    list_select_related = ("product", "table__database", "reported_by")


@admin.register(Question)
class QuestionAdmin(ReadOnlyAdmin):
    list_display = ("pk", "text", "product", "asked_by", "asked_at")
    list_filter = ("product",)
    search_fields = ("text", "product__name", "asked_by__name")
    list_select_related = ("product", "asked_by")


@admin.register(SameQuestion)
class SameQuestionAdmin(ReadOnlyAdmin):
    list_display = ("pk", "question", "person", "joined_at")
    search_fields = ("question__text", "person__name")
    list_select_related = ("question", "person")


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    list_display = ("pk", "text", "question", "answered_by", "is_by_owner", "answered_at")
    list_filter = ("is_by_owner",)
    search_fields = ("text", "question__text", "answered_by__name")
    list_select_related = ("question", "answered_by")


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin):
    list_display = ("pk", "person", "product", "domain", "followed_at")
    list_filter = ("domain", "product")
    search_fields = ("person__name", "product__name", "domain__name")
    list_select_related = ("person", "product", "domain")


@admin.register(ReleaseNote)
class ReleaseNoteAdmin(ReadOnlyAdmin):
    list_display = ("pk", "title", "product", "version", "written_by", "written_at")
    list_filter = ("product",)
    search_fields = ("title", "product__name", "written_by__name")
    list_select_related = ("product", "written_by")
