"""Admin pages of the glossary. They are read-only: people edit terms on the portal's own pages."""

from django.contrib import admin

from catalog.glossary.models import Term, TermLink, TermProposal, TermRevision
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(Term)
class TermAdmin(ReadOnlyAdmin):
    list_display = ("name", "domain", "state", "synonyms", "owner_team")
    list_filter = ("state", "domain", "owner_team")
    search_fields = ("name", "definition")
    ordering = ("name", "pk")
    list_select_related = ("domain", "owner_team")


@admin.register(TermLink)
class TermLinkAdmin(ReadOnlyAdmin):
    list_display = ("term", "product", "table", "column")
    list_filter = ("term",)
    search_fields = ("term__name", "product__name", "table__name", "column")
    list_select_related = ("term", "product", "table__database")


@admin.register(TermProposal)
class TermProposalAdmin(ReadOnlyAdmin):
    list_display = ("pk", "term", "state", "proposed_by", "proposed_at", "decided_by", "decided_at")
    list_filter = ("state",)
    search_fields = ("term__name", "reason")
    list_select_related = ("term", "proposed_by", "decided_by", "event")
    ordering = ("-pk",)


@admin.register(TermRevision)
class TermRevisionAdmin(ReadOnlyAdmin):
    list_display = ("term", "number", "made_by", "made_at", "note")
    search_fields = ("term__name", "note")
    ordering = ("-pk",)
