from django.apps import AppConfig

from kernel.loader import load_modules


class CatalogConfig(AppConfig):
    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog import duties, role_changes  # noqa: F401
        from catalog.products import checks  # noqa: F401

        load_modules(self.name, "kind")
