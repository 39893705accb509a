from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class MarketplaceConfig(AppConfig):
    name = "marketplace"

    def ready(self) -> None:
        """ImproperlyConfigured where traces are wanted and OpenTelemetry's packages are not installed."""
        if not settings.TRACES:
            return
        try:
            from marketplace.tracing import start_tracing
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            raise ImproperlyConfigured(
                f"MESHMARKET_TRACES is true, but the package {package} is not installed. Install requirements/traces.txt"
                " instead of requirements/base.txt, or build the image with MESHMARKET_REQUIREMENTS=traces."
            ) from error
        start_tracing()
