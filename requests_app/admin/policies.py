"""Policy versions as YAML, with differences, and who accepted their texts."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.admin_bases import ReadOnlyAdmin
from requests_app.policies.evaluation import serialize_version_rules
from requests_app.policies.models import PolicyVersion, RequiredTextAcceptance
from requests_app.policy_editing.yaml_format import diff_rules, format_yaml


@admin.register(RequiredTextAcceptance)
class RequiredTextAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("person", "text", "accepted_at")
    list_select_related = ("person",)
    search_fields = ("person__name", "text")


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
        "edit",
    )
    list_filter = ("state", "domain")
    list_select_related = ("domain", "written_by", "published_by")
    fields = (
        "edit",
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
    readonly_fields = ("edit", "as_yaml", "diff")

    @admin.display(description=_("next version"))
    def edit(self, version: PolicyVersion) -> SafeString:
        """To the page that writes it, where a person may."""
        slug = version.domain.slug if version.domain else "all"
        return format_html(
            '<a href="{}">{}</a>', reverse("policy", args=[slug]), _("Policies: edit, compare, replay")
        )

    @admin.display(description=_("as YAML"))
    def as_yaml(self, version: PolicyVersion) -> SafeString:
        return format_html("<pre>{}</pre>", format_yaml(serialize_version_rules(version)))

    @admin.display(description=_("what it changed"))
    def diff(self, version: PolicyVersion) -> SafeString:
        """Line by line beside the version before it; no rules came before the first."""
        earlier = PolicyVersion.objects.filter(domain=version.domain, number__lt=version.number)
        lines = diff_rules(
            serialize_version_rules(earlier.order_by("-number").first()), serialize_version_rules(version)
        )
        told = format_html_join("\n", "{} {}", ((line.sign or " ", line.text) for line in lines))
        return format_html("<pre>{}</pre>", told)
