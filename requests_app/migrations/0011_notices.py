"""Notices of events to people, what people chose of them, and the letters by which they go out."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = """
-- What was sealed before this migration is history, and tells nobody.
INSERT INTO requests_toldupto (id, seq) SELECT 1, coalesce(max(seq), 0) FROM audit_seal;
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE UPDATE, DELETE ON requests_notice FROM meshmarket_worker;
    GRANT UPDATE (letter_id) ON requests_notice TO meshmarket_worker;
    REVOKE INSERT, UPDATE, DELETE ON requests_noticechoice FROM meshmarket_worker;
    REVOKE DELETE ON requests_letter, requests_toldupto FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_notice, requests_letter, requests_toldupto FROM meshmarket_web;
    GRANT UPDATE (read_at) ON requests_notice TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('requests', '0010_first_answers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('gave_up_at', models.DateTimeField(blank=True, null=True)),
                ('failure', models.TextField(blank=True)),
                ('key', models.CharField(max_length=80, unique=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('portal', 'Here'), ('mail', 'Mail')], max_length=10)),
                ('kind', models.CharField(choices=[('asked', 'Something waits for your decision'), ('decided', 'A decision on what you asked for'), ('said', 'Words and changes on an ask'), ('arrived', 'Access is there, read back from AWS'), ('ended', 'Access ends, or will end soon'), ('failed', 'Something failed, or waits for a person'), ('found', 'Something was changed behind the portal'), ('overdue', 'A promised time has passed'), ('entrusted', 'Decisions are passed to you for a while'), ('recertified', 'Access is looked at anew'), ('emergency', 'Break-glass')], max_length=20)),
                ('words', models.TextField()),
                ('page', models.CharField(max_length=20)),
                ('page_id', models.BigIntegerField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('pace', models.CharField(choices=[('instant', 'at once'), ('digest', 'once a day'), ('off', 'not')], max_length=10)),
                ('due_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('letter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='requests.letter')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='NoticeChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('asked', 'Something waits for your decision'), ('decided', 'A decision on what you asked for'), ('said', 'Words and changes on an ask'), ('arrived', 'Access is there, read back from AWS'), ('ended', 'Access ends, or will end soon'), ('failed', 'Something failed, or waits for a person'), ('found', 'Something was changed behind the portal'), ('overdue', 'A promised time has passed'), ('entrusted', 'Decisions are passed to you for a while'), ('recertified', 'Access is looked at anew'), ('emergency', 'Break-glass')], max_length=20)),
                ('channel', models.CharField(choices=[('portal', 'Here'), ('mail', 'Mail')], max_length=10)),
                ('pace', models.CharField(choices=[('instant', 'at once'), ('digest', 'once a day'), ('off', 'not')], max_length=10)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notice_choices', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ToldUpTo',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='told_up_to_one_row')],
            },
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('gave_up_at', None), ('sent_at', None)), fields=['due_at'], name='letter_due'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('sent_at', None), ('gave_up_at', None), _connector='OR'), name='letter_one_end'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('channel', 'portal'), ('read_at', None)), fields=['person'], name='notice_unread'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('channel', 'portal')), fields=['person', '-id'], name='notice_of_person'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('channel', 'mail'), ('letter', None)), fields=['due_at'], name='notice_unsent'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('event', 'person', 'channel'), name='notice_once'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('pace', 'off'), _negated=True), name='notice_wanted'),
        ),
        migrations.AddConstraint(
            model_name='noticechoice',
            constraint=models.UniqueConstraint(fields=('person', 'kind', 'channel'), name='notice_choice_once'),
        ),
        migrations.AddConstraint(
            model_name='noticechoice',
            constraint=models.CheckConstraint(condition=models.Q(('channel', 'portal'), ('pace', 'digest'), _negated=True), name='notice_choice_digest_by_mail'),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
