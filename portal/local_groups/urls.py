"""Addresses of local groups, link naming and service roles."""

from django.urls import path

from portal.local_groups import link_naming_views, views
from portal.local_groups.api import groups, link_naming, service_roles

urlpatterns = [
    path("accounts/<str:account_id>/local-groups/", views.groups, name="local-groups"),
    path("accounts/<str:account_id>/subgrants/plan/", views.plan, name="subgrants-plan"),
    path("accounts/<str:account_id>/subgrants/apply/", views.apply, name="subgrants-apply"),
    path("accounts/<str:account_id>/local-groups/new/", views.create, name="local-group-new"),
    path("accounts/<str:account_id>/link-naming/", link_naming_views.choose, name="link-naming"),
    path("local-groups/<int:pk>/delete/", views.delete, name="local-group-delete"),
    path("local-groups/<int:pk>/members/", views.add_member, name="local-group-members"),
    path(
        "local-groups/<int:group>/members/<int:pk>/delete/",
        views.delete_member,
        name="local-group-member-delete",
    ),
    path("service-roles/<int:pk>/edit/", views.edit_service_role, name="service-role-edit"),
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
