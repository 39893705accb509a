"""URLs of schema updates."""

from django.urls import path

from portal.registrations.schema_updates import api, views

urlpatterns = [
    path("schema-updates/<int:pk>/", views.detail, name="schema-update"),
    path("schema-updates/<int:pk>/decide/", views.decide, name="schema-update-decide"),
]

api_urlpatterns = [
    path(
        "registrations/<int:pk>/schema-updates",
        api.SchemaUpdatesView.as_view(),
        name="api-registration-schema-updates",
    ),
    *api.build_verb_urls(),
]
