"""The rows of column statistics; what is read into them stands in `catalog.column_figures`."""

from django.db import models


class TableStatistics(models.Model):
    """The last reading of one table; `columns` holds its `ColumnFigures` by name, and `error` why there are none."""

    table = models.OneToOneField("catalog.Table", on_delete=models.PROTECT, related_name="statistics")
    columns = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    read_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "table statistics"

    def __str__(self) -> str:
        return f"statistics of table {self.table_id}"
