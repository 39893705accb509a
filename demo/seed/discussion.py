"""Problems, questions, follows and a release note of the claims product. May run again."""

from datetime import datetime, timedelta

from django.utils import timezone

from catalog.follows import Follow, follow_domain, follow_product
from catalog.mirror.models import Table
from catalog.problems import Problem, ProblemReport, acknowledge_problem, report_problem, resolve_problem
from catalog.questions import Question, answer_question, ask_question, join_question
from catalog.release_notes import ReleaseNote, write_release_note
from demo.seed.people import find_person
from kernel.clock import now as database_now

PRODUCT, TABLE, DOMAIN = "claims", "claims", "insurance"
OWNER, DEVELOPER = "jonas.weber", "emre.aydin"


def seed_discussion() -> tuple[int, int, int, int]:
    """Each once; returns how many problems, questions, follows and release notes there are."""
    now = database_now()
    if not Follow.objects.exists():
        _follow(now)
    if not Problem.objects.exists():
        _report_problems(now)
    if not Question.objects.exists():
        _ask_questions(now)
    if not ReleaseNote.objects.exists():
        _write_release_note(now)
    models = (Problem, Question, Follow, ReleaseNote)
    problems, questions, follows, notes = (model._default_manager.count() for model in models)  # noqa: SLF001
    return problems, questions, follows, notes


def _follow(now: datetime) -> None:
    for name in ("ana.keller", "priya.nair", "nina.falk"):
        follow_product(acting_user=find_person(name), slug=PRODUCT, now=now - timedelta(days=20))
    for name in ("ana.keller", "felix.baum"):
        follow_domain(acting_user=find_person(name), slug=DOMAIN, now=now - timedelta(days=20))


def _report_problems(now: datetime) -> None:
    """The older one is resolved, the other acknowledged."""
    reported = now - timedelta(days=9)
    old = report_problem(
        acting_user=find_person("priya.nair"), slug=PRODUCT,
        report=ProblemReport("Claims of 12 November are missing", "The table ends on 11 November."), now=reported,
    )  # fmt: skip
    resolve_problem(
        acting_user=find_person(DEVELOPER), problem_id=old.pk, now=reported + timedelta(hours=5),
        comment="The nightly load ran again and added the day.",
    )  # fmt: skip
    table = Table.objects.get(products__slug=PRODUCT, name=TABLE, tombstoned_at=None)
    reported = now - timedelta(hours=6)
    text = "About 2 % of the rows have no region since this morning. Before it was always filled."
    new = report_problem(
        acting_user=find_person("ana.keller"), slug=PRODUCT,
        report=ProblemReport("Rows without a region", text, table.pk, "region"), now=reported,
    )  # fmt: skip
    acknowledge_problem(
        acting_user=find_person(OWNER), problem_id=new.pk, now=reported + timedelta(hours=2),
        comment="A branch sends claims without its code. We fill it in from the policy.",
        expected_on=timezone.localdate(now + timedelta(days=1)),
    )  # fmt: skip


def _ask_questions(now: datetime) -> None:
    """One with answers, and one that waits for them."""
    asked = now - timedelta(days=3)
    status = ask_question(
        acting_user=find_person("priya.nair"), slug=PRODUCT, text="Is the status final once a claim is settled?", now=asked
    )  # fmt: skip
    join_question(
        acting_user=find_person("ana.keller"), question_id=status.pk, now=asked + timedelta(hours=1)
    )
    join_question(acting_user=find_person("nina.falk"), question_id=status.pk, now=asked + timedelta(hours=2))
    answer_question(
        acting_user=find_person("nina.falk"), question_id=status.pk, now=asked + timedelta(hours=3),
        text="In our data some claims were opened again.",
    )  # fmt: skip
    answer_question(
        acting_user=find_person("sabine.roth"), question_id=status.pk, now=asked + timedelta(hours=5),
        text="No. About 1 in 200 is opened again within a year.",
    )  # fmt: skip
    ask_question(
        acting_user=find_person("nina.falk"), slug=PRODUCT, text="Does paid_amount include interest?",
        now=now - timedelta(hours=3),
    )  # fmt: skip


def _write_release_note(now: datetime) -> None:
    """Everybody with access to the product is told."""
    write_release_note(
        acting_user=find_person(OWNER), slug=PRODUCT, title="Open claims have no days_to_settle", now=now - timedelta(hours=1),
        text="`days_to_settle` is empty while a claim is open. It was 0 before.\n\nFilter by `status` instead of by 0.",
    )  # fmt: skip
