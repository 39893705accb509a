from django.apps import AppConfig

from kernel.loader import load_modules


class RequestsConfig(AppConfig):
    name = "requests_app"
    label = "requests"
    verbose_name = "requests and grants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from requests_app.leavers import duties  # noqa: F401
        from requests_app.targets import databases, lf_tags, single_tables  # noqa: F401

        load_modules(self.name, "kind")
