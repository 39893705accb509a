"""URLs of tables that were created again."""

from django.urls import path

from portal.lists.page import make_list_view
from portal.recreated_tables import api, views
from portal.recreated_tables.lists import RecreatedTableList

urlpatterns = [
    path("recreated-tables/", make_list_view(RecreatedTableList), name="recreated-tables"),
    path("recreated-tables/<int:pk>/", views.detail, name="recreated-table"),
    path("recreated-tables/<int:pk>/decide/", views.decide, name="recreated-table-decide"),
]

api_urlpatterns = [
    path("recreated-tables", api.RecreatedTablesView.as_view(), name="api-recreated-tables"),
    path("recreated-tables/<int:pk>", api.RecreatedTableView.as_view(), name="api-recreated-table"),
    path("recreated-tables/<int:pk>/approve", api.ApproveView.as_view(), name="api-recreated-table-approve"),
    path("recreated-tables/<int:pk>/end", api.EndView.as_view(), name="api-recreated-table-end"),
]
