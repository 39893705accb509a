"""Questions and answers."""

from typing import Any

from rest_framework import serializers
from rest_framework.views import APIView

from catalog.questions import (
    MAX_ANSWER_LENGTH,
    MAX_QUESTION_LENGTH,
    Answer,
    answer_question,
    ask_question,
    get_answer,
    get_question,
    join_question,
    leave_question,
    list_answers,
    list_questions,
)
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import IdIn, ReferenceIn, TimeOut
from portal.api.filters import ListFilters, by_id, by_text
from portal.api.references import Reference, Resource, RowOut
from portal.api.serializers import StrictSerializer


class QuestionFilters(ListFilters):
    data_product = by_text("product__slug", "The data product.")


class AnswerFilters(ListFilters):
    question = by_id("question", "The question.")
    data_product = by_text("question__product__slug", "The data product.")


class AnswerOut(Resource, RowOut):
    """`is_by_owner`: given by the product's owner or a data owner of its domain."""

    route = "api-answer"
    has_page = False

    class Meta:
        model = Answer
        fields = ("question", "text", "answered_by", "answered_at", "is_by_owner")


class AnswerIn(StrictSerializer):
    question = IdIn()
    text = serializers.CharField(max_length=MAX_ANSWER_LENGTH)


class QuestionOut(Resource):
    """`same_count` is how many others have the same question; `is_joined` whether you are one of them."""

    route = "api-question"
    data_product = Reference(source="product")
    text = serializers.CharField()
    asked_by = Reference()
    asked_at = TimeOut()
    same_count = serializers.IntegerField()
    is_joined = serializers.BooleanField()
    answer_count = serializers.SerializerMethodField()

    def get_answer_count(self, row: Any) -> int:
        return len(row.answers.all())


class QuestionIn(StrictSerializer):
    data_product = ReferenceIn()
    text = serializers.CharField(max_length=MAX_QUESTION_LENGTH)


ANSWERS = Endpoints(AnswerOut, get_answer)
QUESTIONS = Endpoints(QuestionOut, get_question, "question_id")


class QuestionsView(APIView):
    get = rows_endpoint(
        "list_questions",
        "List questions",
        QuestionOut,
        list_questions,
        filters=QuestionFilters,
        errors=(),
        description="Those about data products that you see, newest first.",
    )

    post = QUESTIONS.create(
        "ask_question", "Ask a question", ask_question, takes=QuestionIn, names={"data_product": "slug"}
    )


class QuestionView(APIView):
    get = QUESTIONS.read("get_question", "Get a question")


class JoinView(APIView):
    post = QUESTIONS.act(
        "join_question",
        "Say that you have the same question",
        join_question,
        description="You are notified of answers.",
    )


class LeaveView(APIView):
    post = QUESTIONS.act("leave_question", "Say that you no longer have the same question", leave_question)


class AnswersView(APIView):
    get = rows_endpoint(
        "list_answers",
        "List answers",
        AnswerOut,
        list_answers,
        filters=AnswerFilters,
        errors=(),
        description="Those to questions about data products that you see, newest first.",
    )

    post = ANSWERS.create(
        "answer_question",
        "Answer a question",
        answer_question,
        takes=AnswerIn,
        names={"question": "question_id"},
    )


class AnswerView(APIView):
    get = ANSWERS.read("get_answer", "Get an answer")
