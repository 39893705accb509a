"""URLs of questions."""

from django.urls import path

from portal.questions import api, views

urlpatterns = [
    path("questions/<int:pk>/", views.detail, name="question"),
    path("questions/<int:pk>/join/", views.join, name="question-join"),
]

api_urlpatterns = [
    path("questions", api.QuestionsView.as_view(), name="api-questions"),
    path("questions/<int:pk>", api.QuestionView.as_view(), name="api-question"),
    path("questions/<int:pk>/join", api.JoinView.as_view(), name="api-question-join"),
    path("questions/<int:pk>/leave", api.LeaveView.as_view(), name="api-question-leave"),
    path("answers", api.AnswersView.as_view(), name="api-answers"),
    path("answers/<int:pk>", api.AnswerView.as_view(), name="api-answer"),
]
