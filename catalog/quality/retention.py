"""Deletes old results, measurements and episodes. The latest result of a ruleset is kept twice as long."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from catalog.quality.models import QualityAnomaly, QualityMeasure, QualityResult, QualityRuleset

MAX_ROWS = 10_000
"""Of one pass, so that no transaction is long."""


def delete_old_quality(*, now: datetime) -> None:
    """After `QUALITY_DAYS`; rulesets without a result for twice as long, with their latest one."""
    limit = now - timedelta(days=settings.QUALITY_DAYS)
    is_latest = QualityRuleset.objects.filter(latest=OuterRef("pk"))
    old = QualityResult.objects.filter(evaluated_at__lt=limit).exclude(Exists(is_latest))
    QualityResult.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:MAX_ROWS])).delete()
    older = now - timedelta(days=2 * settings.QUALITY_DAYS)
    QualityRuleset.objects.filter(latest__evaluated_at__lt=older).delete()
    measures = QualityMeasure.objects.filter(measured_at__lt=limit).values_list("pk", flat=True)
    QualityMeasure.objects.filter(pk__in=list(measures[:MAX_ROWS])).delete()
    QualityAnomaly.objects.filter(ended_at__lt=limit).delete()
