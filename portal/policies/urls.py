"""Addresses of policies."""

from django.urls import path

from portal.policies import api, views, what_if_views

urlpatterns = [
    path("policies/", views.listing, name="policies"),
    path("policies/<slug:slug>/", views.of_scope, name="policy"),
    path("policies/<slug:slug>/evaluate/", what_if_views.of_scope, name="policy-evaluate"),
    path("policies/<slug:slug>/versions/<int:number>/publish/", views.publish, name="policy-version-publish"),
    path("policies/<slug:slug>/versions/<int:number>/retire/", views.retire, name="policy-version-retire"),
]

api_urlpatterns = [
    path("policies/", api.PoliciesView.as_view(), name="api-policies"),
    path("policies/<slug:slug>/", api.PolicyView.as_view(), name="api-policy"),
    path("policies/<slug:slug>/simulation", api.SimulationView.as_view(), name="api-policy-simulation"),
    path("policies/<slug:slug>/what-if", api.WhatIfView.as_view(), name="api-what-if"),
    path("policies/versions/<int:pk>/force", api.PutInForceView.as_view(), name="api-policy-force"),
    path("policies/versions/<int:pk>/retire", api.RetireView.as_view(), name="api-policy-retire"),
]
