"""Pages of Django's administration, by subject: Django looks for them here."""

from catalog.admin import (
    catalogs,
    classification,
    crawler_runs,
    discussion,
    glossary,
    lineage,
    mesh,
    offers,
    products,
    publication_rules,
    registrations,
    search,
    sync,
    tag_changes,
    usage,
)
