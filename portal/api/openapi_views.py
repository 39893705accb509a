"""The API described: OpenAPI, and a page to read and try it."""

from typing import Any

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated

# Swagger's page writes styles into the document: this page alone may, and its script comes from a file.
relaxed = csp_update({"style-src": ["'unsafe-inline'"]})
DESCRIBED: dict[str, Any] = {"permission_classes": [IsAuthenticated]}
_page: Any = SpectacularSwaggerSplitView.as_view(url_name="api-schema", **DESCRIBED)
openapi = SpectacularAPIView.as_view(**DESCRIBED)
documentation: Any = login_required(relaxed(_page))
