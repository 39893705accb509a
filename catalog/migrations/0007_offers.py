"""Offers, their versions and terms: content that never changes, in force by a data owner of the domain alone."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON catalog_offer, catalog_offerterms, catalog_offerversion, catalog_offertable,
      catalog_termsacceptance FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON catalog_offer, catalog_offerterms, catalog_offerversion, catalog_offertable,
      catalog_termsacceptance FROM meshmarket_web;
    -- To lock the row: its versions refer to its id, so it cannot be another.
    GRANT UPDATE (id) ON catalog_offer TO meshmarket_web;
    GRANT UPDATE (state, in_force_by_id, in_force_at, withdrawn_by_id, withdrawn_at) ON catalog_offerversion
      TO meshmarket_web;
  END IF;
END $$;
"""
BY_THE_DOMAIN = """
CREATE FUNCTION catalog_offer_in_force_by_its_domain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint;
  foreign_table bigint;
BEGIN
  IF TG_OP = 'UPDATE' AND NOT (OLD.state = 'draft' OR NEW.state = 'withdrawn') THEN
    RAISE EXCEPTION 'a version of an offer goes from draft to in force to withdrawn' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state <> 'in_force' THEN
    RETURN NEW;
  END IF;
  SELECT d.owner_team_id INTO owner
    FROM catalog_offer o JOIN catalog_domain d ON d.id = o.domain_id WHERE o.id = NEW.offer_id;
  IF NOT EXISTS (SELECT FROM identity_membership m WHERE m.team_id = owner AND m.person_id = NEW.in_force_by_id
                 AND m.role = 'data_owner') THEN
    RAISE EXCEPTION 'an offer is put in force by a data owner of its domain' USING ERRCODE = 'check_violation';
  END IF;
  SELECT t.table_id INTO foreign_table
    FROM catalog_offertable t
    JOIN catalog_offer o ON o.id = NEW.offer_id
    JOIN catalog_dataproduct p ON p.id = o.product_id
    JOIN catalog_table b ON b.id = t.table_id
    JOIN catalog_database g ON g.id = b.database_id
    WHERE t.version_id = NEW.id AND COALESCE(g.domain_id, p.domain_id) <> o.domain_id;
  IF FOUND THEN
    RAISE EXCEPTION 'a domain offers its own tables' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER offer_in_force_by_its_domain BEFORE INSERT OR UPDATE OF state, in_force_by_id ON catalog_offerversion
  FOR EACH ROW EXECUTE FUNCTION catalog_offer_in_force_by_its_domain();
"""
BACK = """
DROP TRIGGER offer_in_force_by_its_domain ON catalog_offerversion;
DROP FUNCTION catalog_offer_in_force_by_its_domain();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('catalog', '0006_classes_of_tables'),
        ('identity', '0004_local_groups'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='catalog.domain')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='catalog.dataproduct')),
            ],
        ),
        migrations.CreateModel(
            name='OfferTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='catalog.offer')),
            ],
            options={
                'verbose_name_plural': 'offer terms',
            },
        ),
        migrations.CreateModel(
            name='OfferVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('summary', models.CharField(blank=True, max_length=240)),
                ('scope', models.CharField(choices=[('tables', 'tables by name'), ('database', 'every table of a database, those yet to come too'), ('tags', 'whatever carries LF-Tags')], max_length=10)),
                ('tags', models.JSONField(blank=True, default=dict, help_text='LF-Tags: values by key, all keys must fit')),
                ('highest_class', models.CharField(choices=[('public', 'public'), ('private', 'private'), ('sensitive', 'sensitive')], max_length=10)),
                ('future_columns', models.BooleanField(default=False, help_text='the whole table, columns of later too')),
                ('row_template', models.TextField(blank=True, default='', help_text='see `lakeformation.row_templates`')),
                ('row_values', models.JSONField(blank=True, default=dict, help_text='values to choose, by name')),
                ('uses', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('query', 'query'), ('metadata', 'metadata only'), ('data_api', 'data API'), ('training', 'train models'), ('export', 'copies outside the lake')], max_length=10), size=None)),
                ('longest_hours', models.PositiveIntegerField()),
                ('automatic', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('in_force', 'in force'), ('withdrawn', 'withdrawn')], default='draft', max_length=10)),
                ('written_at', models.DateTimeField()),
                ('in_force_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('catalog', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.connectedcatalog')),
                ('database', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.database')),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('in_force_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.offer')),
                ('terms', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.offerterms')),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='OfferTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.table')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tables', to='catalog.offerversion')),
            ],
        ),
        migrations.CreateModel(
            name='TermsAcceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accepted_at', models.DateTimeField()),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accepted_terms', to=settings.AUTH_USER_MODEL)),
                ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='catalog.offerterms')),
            ],
        ),
        migrations.AddConstraint(
            model_name='offerterms',
            constraint=models.UniqueConstraint(fields=('offer', 'number'), name='offer_terms_number_once'),
        ),
        migrations.AddConstraint(
            model_name='offerterms',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='offer_terms_say_something'),
        ),
        migrations.AddConstraint(
            model_name='offerversion',
            constraint=models.UniqueConstraint(fields=('offer', 'number'), name='offer_version_number_once'),
        ),
        migrations.AddConstraint(
            model_name='offerversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('offer', 'state'), name='offer_version_one_of_a_state'),
        ),
        migrations.AddConstraint(
            model_name='offerversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('catalog', None), ('database', None), ('scope', 'tables'), ('tags', {})), models.Q(('catalog', None), ('database__isnull', False), ('scope', 'database'), ('tags', {})), models.Q(('catalog__isnull', False), ('database', None), ('scope', 'tags'), models.Q(('tags', {}), _negated=True)), _connector='OR'), name='offer_version_scope'),
        ),
        migrations.AddConstraint(
            model_name='offerversion',
            constraint=models.CheckConstraint(condition=models.Q(('future_columns', False), ('highest_class', 'sensitive'), _connector='OR'), name='offer_version_future_may_be_sensitive'),
        ),
        migrations.AddConstraint(
            model_name='offerversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('uses', []), _negated=True), ('longest_hours__gte', 1)), name='offer_version_gives_something'),
        ),
        migrations.AddConstraint(
            model_name='offerversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('in_force_at', None), ('state', 'draft'), ('withdrawn_at', None)), models.Q(('in_force_at__isnull', False), ('in_force_by__isnull', False), ('state', 'in_force'), ('withdrawn_at', None)), models.Q(('state', 'withdrawn'), ('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='offer_version_state_has_its_person'),
        ),
        migrations.AddConstraint(
            model_name='offertable',
            constraint=models.UniqueConstraint(fields=('version', 'table'), name='offer_table_once'),
        ),
        migrations.AddConstraint(
            model_name='termsacceptance',
            constraint=models.UniqueConstraint(fields=('person', 'terms'), name='terms_accepted_once'),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(BY_THE_DOMAIN, BACK),
    ]
