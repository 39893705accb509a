"""Pages of Django's administration, by subject: Django looks for them here."""

from catalog.admin import (
    catalogs,
    derivation,
    glossary,
    products,
    registrations,
    search,
    table_facts,
    tag_changes,
    usage,
)
