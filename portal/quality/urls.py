"""URLs of quality."""

from django.urls import path

from portal.quality import views
from portal.quality.api import intake, reading

urlpatterns = [
    path("tables/<int:pk>/quality/", views.table_quality, name="table-quality"),
    path("quality-rulesets/<int:pk>/", views.ruleset, name="quality-ruleset"),
    path("quality-results/<int:pk>/", views.result, name="quality-result"),
]

api_urlpatterns = [
    path("quality-results", intake.QualityResultsView.as_view(), name="api-quality-results"),
    path("quality-results/<int:pk>", reading.QualityResultView.as_view(), name="api-quality-result"),
    path("tables/<int:pk>/quality", reading.TableQualityView.as_view(), name="api-table-quality"),
    path(
        "tables/<int:pk>/quality-results",
        reading.TableQualityResultsView.as_view(),
        name="api-table-quality-results",
    ),
    path(
        "data-products/<slug:slug>/quality",
        reading.DataProductQualityView.as_view(),
        name="api-data-product-quality",
    ),
]
