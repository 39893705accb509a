"""For whom access can be requested: roles, users, accounts and local groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Case, F, Q, QuerySet, When
from django.utils.translation import gettext as _

from identity.accounts import LocalGroup, Principal, named_arn
from identity.people.may import get_team_ids
from identity.people.models import Membership, Person
from kernel.errors import RefusedError
from requests_app.access_requests.details import RequestDetails
from requests_app.access_requests.item_targets import HasExtent, get_target_kind
from requests_app.policy_engine.request_texts import parse_texts


def list_requestable_principals(person: Person) -> QuerySet[Principal]:
    """Roles and users for which the person may request access: living, in the consuming accounts of their teams, and not the portal's.

    The account as a whole follows the roles of an account that the person administers.
    """
    administered = Membership.objects.filter(person=person, role=Membership.Role.ACCOUNT_ADMIN)
    return (
        Principal.objects.filter(
            gone_at__isnull=True,
            is_portal=False,
            account__is_consumer=True,
            account__team__in=get_team_ids(person),
        )
        .exclude(~Q(account__team__in=administered.values("team")), arn=F("unique_id"))
        .select_related("account__team")
        .order_by("account__name", Case(When(arn=F("unique_id"), then=1), default=0), "name")
    )


@dataclass(frozen=True)
class Recipient:
    """`principal` is what Lake Formation is told; with a `group`, its account as a whole."""

    principal: Principal
    group: LocalGroup | None = None

    @property
    def key(self) -> str:
        return build_recipient_key(self.principal.pk, self.group.pk if self.group else None)

    @property
    def name(self) -> str:
        return self.group.name if self.group else self.principal.name

    def build_details(self, values: Mapping[str, Any], ends_at: datetime) -> RequestDetails:
        """Builds the details of a request for it by the account's team; `values` have the texts by name, among others."""
        return RequestDetails(
            self.principal.account.team, self.principal, ends_at, parse_texts(values), self.group
        )

    @property
    def kind(self) -> str:
        """What it is, in a word; empty for a role."""
        if self.group:
            return _("local group")
        if self.principal.services:
            return self._service_role_label
        return _("user") if self.principal.is_user else ""

    @property
    def _service_role_label(self) -> str:
        owner = self.principal.active_responsible_person
        if owner is None:
            return _("service role; you become its responsible person")
        return _("service role; responsible person: %(name)s") % {"name": owner.name}


def build_recipient_key(principal: int, group: int | None) -> str:
    """What a form sends: the principal's id, and the group's after a point."""
    return str(principal) if group is None else f"{principal}.{group}"


class HasRecipient(Protocol):
    """A request or a basket: for a principal, perhaps for one of its account's local groups."""

    @property
    def principal_id(self) -> int | None: ...

    @property
    def group_id(self) -> int | None: ...


def get_recipient_key(holder: HasRecipient) -> str:
    """Names whom it is for; empty where nobody is chosen yet."""
    return build_recipient_key(holder.principal_id, holder.group_id) if holder.principal_id else ""


def list_recipients(person: Person) -> list[Recipient]:
    """By account: roles and users for which the person may request access, then its local groups, and for its admins the account
    as a whole at the end. Two queries, and one more where there are groups.
    """
    single = [Recipient(principal) for principal in list_requestable_principals(person)]
    return sorted([*single, *_list_local_groups(person)], key=_get_sort_key)


def get_recipient(person: Person, kind: str, identifier: str | int) -> Recipient:
    """The one of `list_recipients` of this `kind` (`principal` by its ARN, `account` by its number, `local_group` by its
    id). RefusedError.
    """
    found: Iterable[Recipient]
    if kind == "local_group":
        found = (
            local_group
            for local_group in _list_local_groups(person)
            if local_group.group and local_group.group.pk == identifier
        )
    else:
        named = list_requestable_principals(person).filter(named_arn(str(identifier)))
        found = (Recipient(one) for one in named if one.is_account == (kind == "account"))
    recipient = next(iter(found), None)
    if recipient is None:
        raise RefusedError(_("This recipient is unknown, or in no account of your teams."), "recipient")
    return recipient


def list_recipient_keys(person: Person) -> frozenset[str]:
    """Lists the keys of those for whom the person may request access, and so extend it."""
    return frozenset(recipient.key for recipient in list_recipients(person))


def filter_direct_readers(readers: Iterable[Recipient]) -> list[Recipient]:
    """Selects those that read by themselves: neither an account nor a group in one."""
    return [reader for reader in readers if not reader.principal.is_account]


def check_local_group(group: LocalGroup | None, requested: HasExtent) -> None:
    """RefusedError if nothing of the request could be passed on to the group that it names."""
    if group is None:
        return
    if group.ended_at is not None:
        raise RefusedError(_("The local group %(group)s was deleted.") % {"group": group.name}, "principal")
    if not get_target_kind(requested).shows_data:
        message = _("You can't request metadata only for a local group. Request columns, or choose a role.")
        raise RefusedError(message, "principal")


def _list_local_groups(person: Person) -> Sequence[Recipient]:
    theirs = {"account__is_consumer": True, "account__team__in": get_team_ids(person)}
    groups = list(LocalGroup.objects.filter(ended_at=None, **theirs))
    if not groups:
        return []
    wholes = Principal.objects.filter(arn=F("unique_id"), gone_at=None, account__local_groups__in=groups)
    by_account = {whole.account_id: whole for whole in wholes.select_related("account__team").distinct()}
    return [
        Recipient(by_account[group.account_id], group) for group in groups if group.account_id in by_account
    ]


def _get_sort_key(reader: Recipient) -> tuple[str, int, str]:
    last = 2 if reader.principal.is_account and not reader.group else int(reader.group is not None)
    return reader.principal.account.name, last, reader.name
