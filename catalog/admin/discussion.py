"""Read-only admin pages of problems, questions, follows and release notes."""

from django.contrib import admin

from catalog.follows import Follow
from catalog.problems import Problem
from catalog.questions import Answer, Question, SameQuestion
from catalog.release_notes import ReleaseNote
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin):
    list_display = ("pk", "title", "product", "table", "column", "state", "reported_by", "reported_at")
    list_filter = ("state", "product")
    search_fields = ("title", "product__name", "reported_by__name")
    list_select_related = ("product", "table__database", "reported_by")


@admin.register(Question)
class QuestionAdmin(ReadOnlyAdmin):
    list_display = ("pk", "text", "product", "asked_by", "asked_at")
    list_filter = ("product",)
    search_fields = ("text", "product__name", "asked_by__name")
    list_select_related = ("product", "asked_by")


@admin.register(SameQuestion)
class SameQuestionAdmin(ReadOnlyAdmin):
    list_display = ("pk", "question", "person", "joined_at")
    search_fields = ("question__text", "person__name")
    list_select_related = ("question", "person")


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    list_display = ("pk", "text", "question", "answered_by", "is_by_owner", "answered_at")
    list_filter = ("is_by_owner",)
    search_fields = ("text", "question__text", "answered_by__name")
    list_select_related = ("question", "answered_by")


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin):
    list_display = ("pk", "person", "product", "domain", "followed_at")
    list_filter = ("domain", "product")
    search_fields = ("person__name", "product__name", "domain__name")
    list_select_related = ("person", "product", "domain")


@admin.register(ReleaseNote)
class ReleaseNoteAdmin(ReadOnlyAdmin):
    list_display = ("pk", "title", "product", "version", "written_by", "written_at")
    list_filter = ("product",)
    search_fields = ("title", "product__name", "written_by__name")
    list_select_related = ("product", "written_by")
