from typing import Any

from django.http import HttpRequest


def chrome(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows."""
    return {}
