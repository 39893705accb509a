"""Pages of Django's administration, by subject: Django looks for them here."""

from fulfilment.admin import background, health, holds, intents, observations, permissions, rounds
