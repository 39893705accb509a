"""URLs of lineage."""

from django.urls import path

from portal.lineage import views
from portal.lineage.api import datasets, impact, intake, jobs, reading
from portal.lineage.lists import JobList, UnmatchedDatasetList
from portal.lists.page import make_list_view

urlpatterns = [
    path("tables/<int:pk>/lineage/", views.table_lineage, name="table-lineage"),
    path("tables/<int:pk>/impact/", views.impact, name="table-impact"),
    path("lineage-datasets/<int:pk>/", views.dataset, name="lineage-dataset"),
    path("lineage-datasets/<int:pk>/match/", views.match, name="lineage-dataset-match"),
    path("unmatched-datasets/", make_list_view(UnmatchedDatasetList), name="unmatched-datasets"),
    path("jobs/", make_list_view(JobList), name="lineage-jobs"),
    path("jobs/<int:pk>/", views.job, name="lineage-job"),
]

api_urlpatterns = [
    path("lineage", reading.LineageView.as_view(), name="api-lineage"),
    path("lineage/batch", intake.BatchIntakeView.as_view(), name="api-lineage-batch"),
    path("jobs", jobs.JobsView.as_view(), name="api-jobs"),
    path("jobs/<int:pk>", jobs.JobView.as_view(), name="api-job"),
    path("jobs/<int:pk>/runs", jobs.RunsView.as_view(), name="api-job-runs"),
    path("unmatched-datasets", datasets.UnmatchedDatasetsView.as_view(), name="api-unmatched-datasets"),
    path(
        "unmatched-datasets/<int:pk>", datasets.UnmatchedDatasetView.as_view(), name="api-unmatched-dataset"
    ),
    path(
        "unmatched-datasets/<int:pk>/match", datasets.MatchView.as_view(), name="api-unmatched-dataset-match"
    ),
    path("tables/<int:pk>/impact", impact.ImpactView.as_view(), name="api-table-impact"),
]
