"""URLs of lineage."""

from django.urls import path

from portal.lineage import api, intake_api, views

urlpatterns = [
    path("tables/<int:pk>/lineage/", views.table_lineage, name="table-lineage"),
    path("tables/<int:pk>/impact/", views.impact, name="table-impact"),
    path("data-products/<slug:slug>/lineage/", views.product_lineage, name="data-product-lineage"),
    path("lineage-datasets/<int:pk>/", views.dataset, name="lineage-dataset"),
    path("lineage-datasets/<int:pk>/match/", views.match, name="lineage-dataset-match"),
    path("unmatched-datasets/", views.unmatched, name="unmatched-datasets"),
    path("jobs/", views.jobs, name="lineage-jobs"),
    path("jobs/<int:pk>/", views.job, name="lineage-job"),
]

api_urlpatterns = [
    path("lineage", api.LineageView.as_view(), name="api-lineage"),
    path("lineage/batch", intake_api.BatchIntakeView.as_view(), name="api-lineage-batch"),
    path("jobs", api.JobsView.as_view(), name="api-jobs"),
    path("jobs/<int:pk>", api.JobView.as_view(), name="api-job"),
    path("jobs/<int:pk>/runs", api.RunsView.as_view(), name="api-job-runs"),
    path("unmatched-datasets", api.UnmatchedDatasetsView.as_view(), name="api-unmatched-datasets"),
    path("unmatched-datasets/<int:pk>", api.UnmatchedDatasetView.as_view(), name="api-unmatched-dataset"),
    path("unmatched-datasets/<int:pk>/match", api.MatchView.as_view(), name="api-unmatched-dataset-match"),
    path("tables/<int:pk>/impact", api.ImpactView.as_view(), name="api-table-impact"),
]
