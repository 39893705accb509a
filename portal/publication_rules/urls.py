"""URLs of publication rules."""

from django.urls import path

from portal.publication_rules import views

urlpatterns = [
    path("publication-rules/", views.overview, name="publication-rules"),
    path("publication-rules/edit/", views.edit, name="publication-rules-edit"),
    path("publication-rules/put-in-force/", views.put_in_force, name="publication-rules-put-in-force"),
    path("publication-rules/discard/", views.discard, name="publication-rules-discard"),
    path("publication-rules/products/<slug:slug>/", views.product, name="publication-rules-product"),
    path(
        "publication-rules/products/<slug:slug>/exceptions/<slug:key>/end/",
        views.end_exception,
        name="publication-rules-exception-end",
    ),
]
