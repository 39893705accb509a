"""Addresses of the ledger of permissions."""

from django.urls import path

from portal.permissions import action_views, views

urlpatterns = [
    path("ledger/", views.catalogs, name="ledgers"),
    path("ledger/<slug:catalog>/", views.of_catalog, name="ledger"),
    path("ledger/<slug:catalog>/ledger.csv", views.as_csv, name="ledger-csv"),
    path("permissions/<int:pk>/adopt/", action_views.adopt, name="ledger-adopt"),
    path("permissions/<int:pk>/remove/", action_views.remove, name="ledger-remove"),
    path("findings/<int:pk>/heal/", views.heal, name="ledger-heal"),
    path("findings/<int:pk>/known/", action_views.known, name="ledger-known"),
]
