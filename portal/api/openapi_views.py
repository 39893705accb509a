"""The API described: OpenAPI, and a page to read and try it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated

DESCRIBED: dict[str, Any] = {"permission_classes": [IsAuthenticated]}
_page: Any = SpectacularSwaggerSplitView.as_view(
    url_name="api-schema", template_name="portal/api/documentation.html", **DESCRIBED
)
openapi = SpectacularAPIView.as_view(**DESCRIBED)
documentation: Any = login_required(_page)
