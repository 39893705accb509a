"""URLs of problems."""

from django.urls import path

from portal.lists.page import make_list_view
from portal.problems import api, views
from portal.problems.lists import ProblemList

urlpatterns = [
    path("problems/", make_list_view(ProblemList), name="problems"),
    path("problems/new/", views.new, name="problem-new"),
    path("problems/<int:pk>/", views.detail, name="problem"),
    path("problems/<int:pk>/decide/", views.decide, name="problem-decide"),
]

api_urlpatterns = [
    path("problems", api.ProblemsView.as_view(), name="api-problems"),
    path("problems/<int:pk>", api.ProblemView.as_view(), name="api-problem"),
    path("problems/<int:pk>/acknowledge", api.AcknowledgeView.as_view(), name="api-problem-acknowledge"),
    path("problems/<int:pk>/resolve", api.ResolveView.as_view(), name="api-problem-resolve"),
]
