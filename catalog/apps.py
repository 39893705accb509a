from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog import duties, role_changes  # noqa: F401
        from catalog.derivation import kind as _derivation_request  # noqa: F401
        from catalog.glossary import kind as _term_proposal  # noqa: F401
        from catalog.products import checks  # noqa: F401
        from catalog.registrations import kind as _registration  # noqa: F401
        from catalog.registrations.schema_updates import kind as _schema_update  # noqa: F401
        from catalog.tag_changes import kind as _tag_change  # noqa: F401
