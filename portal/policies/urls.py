"""URLs of policies."""

from django.urls import path

from portal.policies import api, views

urlpatterns = [
    path("policies/", views.listing, name="policies"),
    path("policies/<slug:slug>/", views.detail, name="policy"),
    path("policies/<slug:slug>/rules/", views.edit_rules, name="policy-rules"),
    path("policies/<slug:slug>/evaluate/", views.what_if, name="policy-evaluate"),
    path("policies/<slug:slug>/versions/<int:number>/publish/", views.publish, name="policy-version-publish"),
    path("policies/<slug:slug>/versions/<int:number>/retire/", views.retire, name="policy-version-retire"),
]

api_urlpatterns = [
    path("policies", api.PoliciesView.as_view(), name="api-policies"),
    path("policies/<slug:slug>", api.PolicyView.as_view(), name="api-policy"),
    path("policies/<slug:slug>/evaluate", api.EvaluateView.as_view(), name="api-policy-evaluate"),
    path("policies/<slug:slug>/versions", api.PolicyVersionsView.as_view(), name="api-policy-versions"),
    path(
        "policies/<slug:slug>/versions/<int:number>",
        api.PolicyVersionView.as_view(),
        name="api-policy-version",
    ),
    path(
        "policies/<slug:slug>/versions/<int:number>/replay",
        api.ReplayView.as_view(),
        name="api-policy-version-replay",
    ),
    path(
        "policies/<slug:slug>/versions/<int:number>/publish",
        api.PublishView.as_view(),
        name="api-policy-version-publish",
    ),
    path(
        "policies/<slug:slug>/versions/<int:number>/retire",
        api.RetireView.as_view(),
        name="api-policy-version-retire",
    ),
]
