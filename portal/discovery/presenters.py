"""What a change of discovery settings does, in sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.discovery.queries import DiscoveryPreview


def describe_preview(preview: DiscoveryPreview) -> list[str]:
    """One sentence for each effect; a single one where nothing changes for anybody."""
    lines = [
        (ngettext("%(n)s person will see it who did not.", "%(n)s people will see it who did not.", preview.gains), preview.gains),
        (ngettext("%(n)s person will no longer see it.", "%(n)s people will no longer see it.", preview.loses), preview.loses),
        (
            ngettext(
                "%(n)s more person holds access, which stays: they still see it.",
                "%(n)s more people hold access, which stays: they still see it.",
                preview.keeps,
            ),
            preview.keeps,
        ),
        (
            ngettext("%(n)s person can request it who could not.", "%(n)s people can request it who could not.", preview.may_request),
            preview.may_request,
        ),
        (
            ngettext("%(n)s person can no longer request it.", "%(n)s people can no longer request it.", preview.may_request_no_more),
            preview.may_request_no_more,
        ),
    ]  # fmt: skip
    said = [sentence % {"n": count} for sentence, count in lines if count]
    return said or [_("Nothing changes for anybody today.")]
