"""A question about a data product with its answers, the same question, and the forms to ask and to answer."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from catalog.questions import (
    MAX_ANSWER_LENGTH,
    MAX_QUESTION_LENGTH,
    answer_question,
    get_question,
    join_question,
    leave_question,
    may_answer_question,
)
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, run_decision
from portal.pages.places import place_product_page
from portal.pages.post_fields import get_action, get_next_url
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

OK, UNPROCESSABLE = 200, 422
JOIN, LEAVE = "join", "leave"


class QuestionForm(PageForm):
    max_text_length = MAX_QUESTION_LENGTH

    text = forms.CharField(
        label=gettext_lazy("Ask the owner and other users"),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        max_length=MAX_QUESTION_LENGTH,
        error_messages={"required": gettext_lazy("Write your question.")},
    )


class AnswerForm(PageForm):
    max_text_length = MAX_ANSWER_LENGTH

    text = forms.CharField(
        label=gettext_lazy("Your answer"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        max_length=MAX_ANSWER_LENGTH,
        error_messages={"required": gettext_lazy("Write your answer.")},
    )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """POST answers the question."""
    person = get_signed_in_person(request)
    question = get_question(person, pk)
    place_product_page(request, person, question.product)
    form = AnswerForm(request.POST or None)

    def answer() -> None:
        text = form.cleaned_data["text"].replace("\r\n", "\n")
        answer_question(acting_user=person, question_id=pk, text=text, now=get_request_time(request))

    if form.is_bound and run_decision(form, answer):
        messages.success(request, _("Answered. The person who asked is notified."))
        return redirect("question", pk)
    context = {
        "question": question,
        "product": question.product,
        "form": form,
        "may_answer": bool(may_answer_question(person, question)),
    }
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/questions/detail.html", context, status=status)


@require_POST
@return_404_if_hidden
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """POST with `do` join or leave, and back to where it was sent from."""
    person = get_signed_in_person(request)
    action = leave_question if get_action(request, JOIN, LEAVE) == LEAVE else join_question
    action(acting_user=person, question_id=pk, now=get_request_time(request))
    return redirect(get_next_url(request) or reverse("question", args=[pk]))
