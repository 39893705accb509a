"""URLs of departures."""

from django.urls import path

from portal.departures import api, views

urlpatterns = [path("people/<int:pk>/deactivate/", views.deactivate, name="person-deactivate")]

api_urlpatterns = [
    path("people/<int:pk>/duties", api.DutiesView.as_view(), name="api-person-duties"),
    path("people/<int:pk>/deactivate", api.DeactivateView.as_view(), name="api-person-deactivate"),
]
