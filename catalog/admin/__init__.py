"""Pages of Django's administration, by subject: Django looks for them here."""

from catalog.admin import (
    catalogs,
    classification,
    crawler_runs,
    derivation,
    discussion,
    freshness,
    glossary,
    lineage,
    mesh,
    offers,
    products,
    promises,
    publication_rules,
    quality,
    query_history,
    registrations,
    search,
    sync,
    tag_changes,
    usage,
)
