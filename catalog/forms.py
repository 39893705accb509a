"""Forms of the administration pages that check more than their fields."""

from typing import TYPE_CHECKING, Any

from django.forms import ModelForm

from identity.models import ConnectedCatalog
from identity.role_arns import NOT_ITS_ROLE, is_role_of

if TYPE_CHECKING:
    CatalogForm = ModelForm[ConnectedCatalog]
else:
    CatalogForm = ModelForm


class ConnectedCatalogForm(CatalogForm):
    class Meta:
        model = ConnectedCatalog
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        """The role that registers locations is one of the catalog's own account: Lake Formation takes no other."""
        said: dict[str, Any] = super().clean() or {}
        account, arn = said.get("account"), said.get("location_role_arn", "")
        if (
            account
            and arn
            and not is_role_of(arn, account_id=account.account_id, partition=account.partition)
        ):
            self.add_error("location_role_arn", NOT_ITS_ROLE)
        return said
