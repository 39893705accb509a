"""Sources of quality results, outcomes of rules, and what is measured. Pure."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

HISTORY_AGE = timedelta(days=1)
"""A result that comes later than this after its evaluation may be one of a history, of which newer ones follow."""
SETTLE_TIME = timedelta(minutes=15)
"""Without a newer result for so long, it is the last one of the history."""


class QualitySource(TextChoices):
    GLUE = "glue", _("Glue Data Quality")
    OPENLINEAGE = "openlineage", _("OpenLineage")
    DBT = "dbt", "dbt"
    GREAT_EXPECTATIONS = "great_expectations", "Great Expectations"
    SODA = "soda", "Soda"
    OWN = "own", _("sent by the API")


class RuleOutcome(TextChoices):
    """Skipped rules are not counted. A rule with a warning or an error was evaluated and did not pass."""

    PASSED = "passed", _("passed")
    FAILED = "failed", _("failed")
    WARNING = "warning", _("warning")
    ERROR = "error", _("error")
    SKIPPED = "skipped", _("not evaluated")


NOT_PASSED = (RuleOutcome.FAILED, RuleOutcome.WARNING, RuleOutcome.ERROR)


class QualityDimension(TextChoices):
    COMPLETENESS = "completeness", _("completeness")
    UNIQUENESS = "uniqueness", _("uniqueness")
    VALIDITY = "validity", _("validity")
    CONSISTENCY = "consistency", _("consistency")
    ACCURACY = "accuracy", _("accuracy")
    TIMELINESS = "timeliness", _("timeliness")
    VOLUME = "volume", _("volume")
    SCHEMA = "schema", _("schema")
    OTHER = "other", _("other")


class MeasureKind(TextChoices):
    """`NULLS` is a share between 0 and 1."""

    ROWS = "rows", _("number of rows")
    NULLS = "nulls", _("share of null values")
    DISTINCT = "distinct", _("number of distinct values")
