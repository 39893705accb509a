"""Policy versions as YAML, with differences, and who accepted their texts."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from identity.people.models import Person
from kernel.admin_bases import ReadOnlyAdmin, show_text
from requests_app.policies.evaluation import serialize_version_rules
from requests_app.policies.models import PolicyVersion, RequiredTextAcceptance
from requests_app.policy_editing.may import may_view_policy
from requests_app.policy_editing.queries import GLOBAL_SLUG
from requests_app.policy_editing.yaml_format import diff_rules, format_yaml


@dataclass(frozen=True)
class PolicyLink:
    """To the page that writes the next version, where the person may open it."""

    person: Person
    __name__ = "next_version"
    short_description = _("next version")

    def __call__(self, version: PolicyVersion) -> SafeString | str:
        if not may_view_policy(self.person, version.domain):
            return "–"
        slug = version.domain.slug if version.domain else GLOBAL_SLUG
        return format_html(
            '<a href="{}">{}</a>', reverse("policy", args=[slug]), _("Policies: edit, compare, replay")
        )


def _build_link(request: HttpRequest) -> PolicyLink:
    assert isinstance(request.user, Person)
    request.user.uses_request_cache = True  # no page of policy versions changes roles
    return PolicyLink(request.user)


@admin.register(RequiredTextAcceptance)
class RequiredTextAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("person", "text", "accepted_at")
    list_filter = ("accepted_at",)
    search_fields = ("person__name", "text")
    list_select_related = ("person", "event")


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    """Written, replayed on past requests and published on the page *Policies*, as the same YAML and diff."""

    list_display = (
        "id",
        "domain",
        "number",
        "state",
        "written_by",
        "written_at",
        "published_by",
        "published_at",
    )
    list_filter = ("state", "domain")
    search_fields = ("domain__name", "note", "written_by__name", "published_by__name")
    list_select_related = ("domain", "written_by", "published_by", "retired_by", "event")
    fields = (
        "as_yaml",
        "diff",
        "domain",
        "number",
        "state",
        "note",
        "written_by",
        "written_at",
        "published_by",
        "published_at",
        "retired_by",
        "retired_at",
        "retire_reason",
    )
    readonly_fields = ("as_yaml", "diff")

    def get_list_display(self, request: HttpRequest) -> Any:
        return [*super().get_list_display(request), _build_link(request)]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [_build_link(request), *super().get_fields(request, obj)]

    @admin.display(description=_("as YAML"))
    def as_yaml(self, version: PolicyVersion) -> SafeString:
        return show_text(format_yaml(serialize_version_rules(version)))

    @admin.display(description=_("what it changed"))
    def diff(self, version: PolicyVersion) -> SafeString:
        """Line by line beside the version before it; no rules came before the first."""
        earlier = PolicyVersion.objects.filter(domain=version.domain, number__lt=version.number)
        lines = diff_rules(
            serialize_version_rules(earlier.order_by("-number").first()), serialize_version_rules(version)
        )
        return show_text("\n".join(f"{line.sign or ' '} {line.text}" for line in lines))
