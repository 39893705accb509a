"""Deletes old results, measurements and episodes. The latest result of a ruleset is kept twice as long."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
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
    _delete_rulesets(now - timedelta(days=2 * settings.QUALITY_DAYS))
    measures = QualityMeasure.objects.filter(measured_at__lt=limit).values_list("pk", flat=True)
    QualityMeasure.objects.filter(pk__in=list(measures[:MAX_ROWS])).delete()
    QualityAnomaly.objects.filter(ended_at__lt=limit).delete()


def _delete_rulesets(limit: datetime) -> None:
    """With their latest result, which is the only one left of each."""
    with transaction.atomic():
        old = QualityRuleset.objects.filter(latest__evaluated_at__lt=limit)
        newer_results = QualityResult.objects.filter(ruleset=OuterRef("pk"), evaluated_at__gte=limit)
        rows = list(old.exclude(Exists(newer_results)).select_for_update(of=("self",))[:MAX_ROWS])
        ids = [row.pk for row in rows]
        QualityRuleset.objects.filter(pk__in=ids).update(latest=None)
        QualityResult.objects.filter(ruleset__in=ids).delete()
        QualityRuleset.objects.filter(pk__in=ids).delete()
