"""What people who left were reported for."""

from django.contrib import admin

from kernel.admin_bases import ReadOnlyAdmin
from requests_app.leavers.models import Departure, RoleVacancy


@admin.register(Departure)
class DepartureAdmin(ReadOnlyAdmin):
    list_display = ("id", "item", "person")
    search_fields = ("person__name", "item__table__name")
    list_select_related = ("item__request", "item__table__database", "person", "event")


@admin.register(RoleVacancy)
class RoleVacancyAdmin(ReadOnlyAdmin):
    list_display = ("id", "role", "team", "since", "ended_at")
    list_filter = ("role",)
    search_fields = ("team__name",)
    list_select_related = ("team", "event")
