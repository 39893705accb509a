"""Questions and answers."""

from typing import Any, ClassVar

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.questions import (
    MAX_ANSWER_LENGTH,
    MAX_QUESTION_LENGTH,
    answer_question,
    ask_question,
    get_answer,
    get_question,
    join_question,
    leave_question,
    list_answers,
    list_questions,
)
from portal.api.endpoints import Endpoints
from portal.api.fields import IdIn, ReferenceIn, TimeOut
from portal.api.filters import ListFilters, by_id, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import Reference, Resource
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class QuestionFilters(ListFilters):
    data_product = by_text("product__slug", "The data product.")


class AnswerFilters(ListFilters):
    question = by_id("question", "The question.")
    data_product = by_text("question__product__slug", "The data product.")


class AnswerOut(Resource):
    """`is_by_owner`: given by the product's owner or a data owner of its domain."""

    route = "api-answer"
    has_page = False
    question = Reference()
    text = serializers.CharField()
    answered_by = Reference()
    answered_at = TimeOut()
    is_by_owner = serializers.BooleanField()


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


QUESTIONS = Endpoints(QuestionOut, get_question, "question_id")


class QuestionsView(APIView):
    members: ClassVar = {"slug": "data_product"}

    @documented(
        "list_questions",
        "List questions",
        listed(QuestionOut),
        parameters=(*LIST, QuestionFilters),
        errors=(),
        description="Those about data products that you see, newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = QuestionFilters.apply(list_questions(get_signed_in_person(request)), request.query_params)
        return answer_list(request, rows, QuestionOut)

    @documented("ask_question", "Ask a question", QuestionOut, takes=QuestionIn, status=201)
    def post(self, request: Request) -> Response:
        said = read_body(QuestionIn, request)
        made = ask_question(
            acting_user=get_signed_in_person(request),
            slug=said["data_product"],
            text=said["text"],
            now=get_request_time(request),
        )
        return QUESTIONS.answer(request, made.pk, status.HTTP_201_CREATED)


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
    members: ClassVar = {"question_id": "question"}

    @documented(
        "list_answers",
        "List answers",
        listed(AnswerOut),
        parameters=(*LIST, AnswerFilters),
        errors=(),
        description="Those to questions about data products that you see, newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = AnswerFilters.apply(list_answers(get_signed_in_person(request)), request.query_params)
        return answer_list(request, rows, AnswerOut)

    @documented("answer_question", "Answer a question", AnswerOut, takes=AnswerIn, status=201)
    def post(self, request: Request) -> Response:
        said = read_body(AnswerIn, request)
        person = get_signed_in_person(request)
        made = answer_question(
            acting_user=person, question_id=said["question"], text=said["text"], now=get_request_time(request)
        )
        found = get_answer(person, made.pk)
        return Response(AnswerOut(found, context={"request": request}).data, status.HTTP_201_CREATED)


class AnswerView(APIView):
    @documented("get_answer", "Get an answer", AnswerOut)
    def get(self, request: Request, pk: int) -> Response:
        found = get_answer(get_signed_in_person(request), pk)
        return Response(AnswerOut(found, context={"request": request}).data)
