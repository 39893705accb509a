"""The form that starts a crawler."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.crawler_runs import Crawler
from portal.pages.forms import PageForm, set_choices

CHOOSE = _("Choose a crawler.")


class CrawlerRunForm(PageForm):
    crawler = forms.TypedChoiceField(
        label=_("Crawler of your account"),
        help_text=_("finds tables in S3 folders"),
        coerce=int,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )

    def __init__(self, data: Any, crawlers: Iterable[Crawler]) -> None:
        super().__init__(data)
        self.crawlers = {crawler.pk: crawler for crawler in crawlers}
        set_choices(
            self,
            "crawler",
            [
                ("", gettext("choose")),
                *((crawler.pk, _describe(crawler)) for crawler in self.crawlers.values()),
            ],
        )

    def get_crawler(self) -> Crawler:
        """Returns the crawler of a valid form."""
        return self.crawlers[self.cleaned_data["crawler"]]


def _describe(crawler: Crawler) -> str:
    return " · ".join(filter(None, (crawler.name, crawler.database, str(crawler.catalog))))
