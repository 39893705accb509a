"""Pages of Django's administration, by subject: Django looks for them here."""

from identity.admin import accounts, people, role_changes
