from django.apps import AppConfig

from kernel.loader import load_modules


class IdentityConfig(AppConfig):
    name = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from identity.role_changes import checks  # noqa: F401

        load_modules(self.name, "kind")
