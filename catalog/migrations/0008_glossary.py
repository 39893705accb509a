"""The glossary: domains, states, successors, proposals and revisions of terms."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_functions_and_triggers'),
        ('catalog', '0007_product_revisions'),
        ('identity', '0004_person_language'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TermProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn')], default='waiting', max_length=10)),
                ('content', models.JSONField()),
                ('before', models.JSONField(blank=True, default=dict)),
                ('reason', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('comment', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='TermRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('before', models.JSONField(blank=True, default=dict)),
                ('after', models.JSONField()),
                ('note', models.TextField(blank=True, help_text='what changes, and why')),
                ('made_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='term',
            name='domain',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='catalog.domain'),
        ),
        migrations.AddField(
            model_name='term',
            name='replaced_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='catalog.term'),
        ),
        migrations.AddField(
            model_name='term',
            name='state',
            field=models.CharField(choices=[('draft', 'draft'), ('approved', 'approved'), ('replaced', 'replaced')], default='approved', max_length=10),
        ),
        migrations.AlterField(
            model_name='term',
            name='name',
            field=models.CharField(max_length=80),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), models.F('domain'), name='catalog_term_name_once_in_domain', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('replaced_by__isnull', False), ('state', 'replaced')), models.Q(models.Q(('state', 'replaced'), _negated=True), ('replaced_by', None)), _connector='OR'), name='catalog_term_replaced_by_another'),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.CheckConstraint(condition=models.Q(('replaced_by', models.F('pk')), _negated=True), name='catalog_term_not_its_successor'),
        ),
        migrations.AddField(
            model_name='termproposal',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='termproposal',
            name='event',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event'),
        ),
        migrations.AddField(
            model_name='termproposal',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='term_proposals', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='termproposal',
            name='term',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='catalog.term'),
        ),
        migrations.AddField(
            model_name='termrevision',
            name='event',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event'),
        ),
        migrations.AddField(
            model_name='termrevision',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='termrevision',
            name='proposal',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.termproposal'),
        ),
        migrations.AddField(
            model_name='termrevision',
            name='term',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='catalog.term'),
        ),
        migrations.AddConstraint(
            model_name='termproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'waiting')), models.Q(('decided_at__isnull', False), ('decided_by', None), ('state', 'withdrawn')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['approved', 'rejected'])), _connector='OR'), name='catalog_term_proposal_decided_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='termproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), ('term__isnull', False), _connector='OR'), name='catalog_term_proposal_approved_has_term'),
        ),
        migrations.AddConstraint(
            model_name='termrevision',
            constraint=models.UniqueConstraint(fields=('term', 'number'), name='catalog_term_revision_number_once'),
        ),
        migrations.RunSQL((SQL / "glossary.sql").read_text()),
    ]
