from django.apps import AppConfig
from django.conf import settings


class MarketplaceConfig(AppConfig):
    name = "marketplace"

    def ready(self) -> None:
        if settings.TRACES:
            from marketplace.tracing import start_tracing

            start_tracing()
