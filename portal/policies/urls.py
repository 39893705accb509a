"""Addresses of policies."""

from django.urls import path

from portal.policies import api, views, what_if_views

urlpatterns = [
    path("rules/", views.listing, name="rules"),
    path("rules/<slug:slug>/", views.of_scope, name="rules-of"),
    path("rules/<slug:slug>/what-if/", what_if_views.of_scope, name="what-if"),
    path("rules/<slug:slug>/<int:pk>/force/", views.put_in_force, name="rules-force"),
    path("rules/<slug:slug>/<int:pk>/retire/", views.retire, name="rules-retire"),
]

api_urlpatterns = [
    path("policies/", api.PoliciesView.as_view(), name="api-policies"),
    path("policies/<slug:slug>/", api.PolicyView.as_view(), name="api-policy"),
    path("policies/<slug:slug>/simulation", api.SimulationView.as_view(), name="api-policy-simulation"),
    path("policies/<slug:slug>/what-if", api.WhatIfView.as_view(), name="api-what-if"),
    path("policies/versions/<int:pk>/force", api.PutInForceView.as_view(), name="api-policy-force"),
    path("policies/versions/<int:pk>/retire", api.RetireView.as_view(), name="api-policy-retire"),
]
