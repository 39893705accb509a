"""URLs of registrations."""

from django.urls import path

from portal.registrations import api, views
from portal.registrations.comparisons import urls as comparisons
from portal.registrations.schema_updates import urls as schema_updates

urlpatterns = [
    *comparisons.urlpatterns,
    *schema_updates.urlpatterns,
    path("registrations/", views.listing, name="registrations"),
    path("registrations/new/", views.new, name="registration-new"),
    path("registrations/<int:pk>/", views.detail, name="registration"),
    path("registrations/<int:pk>/decide/", views.decide, name="registration-decide"),
    path("registrations/<int:pk>/end/", views.end, name="registration-end"),
]

api_urlpatterns = [
    *comparisons.api_urlpatterns,
    *schema_updates.api_urlpatterns,
    path("registrations", api.RegistrationsView.as_view(), name="api-registrations"),
    *api.build_verb_urls(),
    path(
        "registrations/<int:pk>/exceptions", api.ExceptionsView.as_view(), name="api-registration-exceptions"
    ),
]
