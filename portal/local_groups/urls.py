"""URLs of local groups, link naming and service roles."""

from django.urls import path

from portal.local_groups import views
from portal.local_groups.api import groups, link_naming, service_roles, subgrants

urlpatterns = [
    path("accounts/<str:account_id>/local-groups/", views.groups, name="local-groups"),
    path("accounts/<str:account_id>/subgrants/plan/", views.plan, name="subgrants-plan"),
    path("accounts/<str:account_id>/subgrants/apply/", views.apply, name="subgrants-apply"),
    path("accounts/<str:account_id>/local-groups/new/", views.create, name="local-group-new"),
    path("accounts/<str:account_id>/link-naming/", views.choose, name="link-naming"),
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
    path("local-groups", groups.LocalGroupsView.as_view(), name="api-local-groups"),
    path("local-groups/<int:pk>", groups.LocalGroupView.as_view(), name="api-local-group"),
    path(
        "local-groups/<int:pk>/members",
        groups.LocalGroupMembersView.as_view(),
        name="api-local-group-members",
    ),
    path(
        "local-groups/<int:pk>/members/<int:member>",
        groups.LocalGroupMemberView.as_view(),
        name="api-local-group-member",
    ),
    path(
        "accounts/<str:account_id>/subgrants", subgrants.SubgrantsView.as_view(), name="api-account-subgrants"
    ),
    path(
        "accounts/<str:account_id>/subgrants/plan",
        subgrants.PlanView.as_view(),
        name="api-account-subgrants-plan",
    ),
    path(
        "accounts/<str:account_id>/subgrants/apply",
        subgrants.ApplyView.as_view(),
        name="api-account-subgrants-apply",
    ),
    path(
        "accounts/<str:account_id>/link-naming", link_naming.LinkNamingView.as_view(), name="api-link-naming"
    ),
    path("service-roles", service_roles.ServiceRolesView.as_view(), name="api-service-roles"),
    path("service-roles/<int:pk>", service_roles.ServiceRoleView.as_view(), name="api-service-role"),
]
