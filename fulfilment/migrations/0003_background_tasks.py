"""Rows of the workers' tasks and processes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0002_functions_and_triggers'),
    ]

    operations = [
        migrations.CreateModel(
            name='WorkerProcess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('kind', models.CharField(choices=[('worker', 'Celery worker'), ('beat', 'Celery beat'), ('sweep', 'sweep')], max_length=10)),
                ('host', models.CharField(max_length=120)),
                ('queues', models.JSONField(default=list)),
                ('concurrency', models.PositiveIntegerField(default=1)),
                ('started_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'worker processes',
            },
        ),
        migrations.CreateModel(
            name='DispatchLease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.CharField(max_length=120)),
                ('is_beat', models.BooleanField()),
                ('lease_until', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='dispatch_lease_once')],
            },
        ),
        migrations.CreateModel(
            name='QueuedTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.CharField(max_length=60)),
                ('row_id', models.BigIntegerField(help_text='0: all rows that the task finds.')),
                ('queue', models.CharField(max_length=20)),
                ('queued_at', models.DateTimeField(help_text='In the future while a retry waits.')),
                ('taken_at', models.DateTimeField(blank=True, null=True)),
                ('worker', models.CharField(blank=True, max_length=120)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('task', 'row_id'), name='queued_task_once')],
            },
        ),
        migrations.CreateModel(
            name='TaskCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.CharField(max_length=60)),
                ('outcome', models.CharField(choices=[('succeeded', 'succeeded'), ('failed', 'failed'), ('retried', 'retried')], max_length=10)),
                ('count', models.PositiveBigIntegerField(default=0)),
                ('seconds', models.FloatField(default=0.0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('task', 'outcome'), name='task_count_once')],
            },
        ),
        migrations.CreateModel(
            name='TaskFailure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.CharField(max_length=60)),
                ('row_id', models.BigIntegerField()),
                ('failures', models.PositiveIntegerField(default=0, help_text='Consecutive failures.')),
                ('failing_since', models.DateTimeField()),
                ('failed_at', models.DateTimeField()),
                ('retry_at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('error_class', models.CharField(max_length=120)),
                ('error_id', models.CharField(max_length=20)),
                ('frames', models.TextField(blank=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('task', 'row_id'), name='task_failure_once')],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE fulfilment_queuedtask SET UNLOGGED", "ALTER TABLE fulfilment_queuedtask SET LOGGED"
        ),
    ]
