"""Addresses of local groups, link naming and service roles."""

from django.urls import path

from portal.local_groups import link_naming_views, views
from portal.local_groups.api import groups, link_naming, service_roles

urlpatterns = [
    path("accounts/<str:account_id>/groups/", views.groups, name="groups"),
    path("accounts/<str:account_id>/groups/plan/", views.plan, name="groups-plan"),
    path("accounts/<str:account_id>/groups/apply/", views.apply, name="groups-apply"),
    path("accounts/<str:account_id>/groups/make/", views.make, name="group-make"),
    path("accounts/<str:account_id>/landing/", link_naming_views.choose, name="landing-choose"),
    path("accounts/<str:account_id>/groups/<int:pk>/end/", views.end, name="group-end"),
    path("accounts/<str:account_id>/groups/<int:pk>/add/", views.add, name="member-add"),
    path("accounts/<str:account_id>/members/<int:pk>/remove/", views.remove, name="member-remove"),
    path("accounts/<str:account_id>/service-roles/<int:pk>/owner/", views.owner, name="service-role-owner"),
]

api_urlpatterns = [
    path("accounts/<str:account_id>/landing", link_naming.LandingView.as_view(), name="api-landing"),
    path(
        "accounts/<str:account_id>/service-roles/",
        service_roles.ServiceRolesView.as_view(),
        name="api-service-roles",
    ),
    path(
        "accounts/<str:account_id>/service-roles/<int:pk>/owner",
        service_roles.OwnerView.as_view(),
        name="api-service-role-owner",
    ),
    path("accounts/<str:account_id>/groups/", groups.GroupsView.as_view(), name="api-groups"),
    path("accounts/<str:account_id>/groups/plan", groups.PlanView.as_view(), name="api-groups-plan"),
    path("accounts/<str:account_id>/groups/apply", groups.ApplyView.as_view(), name="api-groups-apply"),
    path(
        "accounts/<str:account_id>/groups/<int:pk>/end", groups.EndGroupView.as_view(), name="api-group-end"
    ),
    path(
        "accounts/<str:account_id>/groups/<int:pk>/members/",
        groups.AddMemberView.as_view(),
        name="api-member-add",
    ),
    path(
        "accounts/<str:account_id>/members/<int:pk>/remove",
        groups.RemoveMemberView.as_view(),
        name="api-member-remove",
    ),
]
