"""URLs of publication rules."""

from django.urls import path

from portal.publication_rules import api, views

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

api_urlpatterns = [
    path("publication-rules", api.PublicationRulesView.as_view(), name="api-publication-rules"),
    path(
        "publication-rules/put-in-force",
        api.PutInForceView.as_view(),
        name="api-publication-rules-put-in-force",
    ),
    path("publication-rules/discard", api.DiscardView.as_view(), name="api-publication-rules-discard"),
    path("publication-rules/results", api.ResultsView.as_view(), name="api-publication-rules-results"),
    path(
        "data-products/<slug:slug>/draft/rule-results",
        api.DraftResultsView.as_view(),
        name="api-data-product-draft-rule-results",
    ),
    path(
        "data-products/<slug:slug>/rule-exceptions",
        api.RuleExceptionsView.as_view(),
        name="api-data-product-rule-exceptions",
    ),
    path(
        "data-products/<slug:slug>/rule-exceptions/<slug:key>/end",
        api.EndRuleExceptionView.as_view(),
        name="api-data-product-rule-exception-end",
    ),
]
