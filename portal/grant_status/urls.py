"""Addresses of the status of grants."""

from django.urls import path

from portal.grant_status import api, views

urlpatterns = [
    path("access/<int:pk>/standing/", views.of_grant, name="standing"),
    path("access/<int:pk>/look/", views.look, name="look-again"),
    path("access/<int:pk>/query/", views.query, name="query-as-role"),
]

api_urlpatterns = [
    path("grants/<int:pk>/standing", api.StandingView.as_view(), name="api-standing"),
    path("grants/<int:pk>/look", api.LookView.as_view(), name="api-look-again"),
    path("grants/<int:pk>/query", api.QueryView.as_view(), name="api-query-as-role"),
]
