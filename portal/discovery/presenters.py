"""What a change of discovery settings does, in sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.discovery.queries import DiscoveryPreview


def describe_preview(preview: DiscoveryPreview) -> list[str]:
    """One sentence for each effect; a single one where nothing changes for anyone."""
    lines = [
        (ngettext("%(n)s more person will be able to see it.", "%(n)s more people will be able to see it.", preview.gains), preview.gains),
        (ngettext("%(n)s person will no longer be able to see it.", "%(n)s people will no longer be able to see it.", preview.loses), preview.loses),
        (
            ngettext(
                "%(n)s other person has access. They keep it and can still see the product.",
                "%(n)s other people have access. They keep it and can still see the product.",
                preview.keeps,
            ),
            preview.keeps,
        ),
        (
            ngettext("%(n)s more person will be able to request it.", "%(n)s more people will be able to request it.", preview.may_request),
            preview.may_request,
        ),
        (
            ngettext("%(n)s person will no longer be able to request it.", "%(n)s people will no longer be able to request it.", preview.may_request_no_more),
            preview.may_request_no_more,
        ),
    ]  # fmt: skip
    said = [sentence % {"n": count} for sentence, count in lines if count]
    return said or [_("Nobody who is active today gains or loses anything.")]
