"""Read-only admin pages of offers. Owners edit offers on the product's page."""

from django.contrib import admin

from catalog.products.offers.models import Offer, OfferTable, OfferTerms, OfferVersion, TermsAcceptance
from kernel.admin_bases import ReadOnlyAdmin


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
