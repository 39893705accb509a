"""What pages say of text from AWS that could not be stored or shown as it came."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from catalog.mirror.snapshot import NO_SCHEMA, SPARK_SCHEMA


def list_text_warnings(flags: Iterable[str]) -> tuple[str, ...]:
    """Of `catalog.mirror.snapshot.TEXT_FLAGS`; others are skipped."""
    messages = {
        "replaced": _("Characters that no database can hold were replaced."),
        "cut": _("Some text was too long and was cut."),
        "wide": _("The table has more than 1,000 columns."),
        "markup": _("Some text looks like HTML. It is shown as text."),
        SPARK_SCHEMA: _(
            "Glue holds only a placeholder for the columns. These are the ones that Spark keeps in the table's parameters."
        ),
        NO_SCHEMA: _("The schema of this table cannot be read from Glue."),
    }
    return tuple(messages[flag] for flag in flags if flag in messages)
