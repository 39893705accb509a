"""URLs of the reports about the mesh."""

from django.urls import path

from portal.mesh import api, views

urlpatterns = [
    path("mesh/", views.section, name="mesh"),
    path("mesh/use/grants/", views.use_grants, name="mesh-use-grants"),
    path("mesh/reports/<slug:report>.csv", views.report_file, name="mesh-report-file"),
    path("mesh/<slug:slug>/", views.section, name="mesh-section"),
]

api_urlpatterns = [
    path("mesh/<slug:report>", api.MeshReportView.as_view(), name="api-mesh-report"),
]
