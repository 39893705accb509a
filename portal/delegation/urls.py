"""URLs of delegations."""

from django.urls import path

from portal.delegation import api, views

urlpatterns = [
    path("delegations/", views.delegations, name="delegations"),
    path("delegations/<int:pk>/end/", views.end, name="delegation-end"),
]

api_urlpatterns = [
    path("delegations", api.DelegationsView.as_view(), name="api-delegations"),
    path("delegations/<int:pk>/end", api.EndView.as_view(), name="api-delegation-end"),
]
