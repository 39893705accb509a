"""Forms of the administration pages that check more than their fields."""

from typing import TYPE_CHECKING, Any

from django.forms import ModelForm

from catalog.mirror.models import Database
from catalog.products.domain_consistency import why_not_answered_by, why_not_held, why_not_moved
from catalog.products.models import DataProduct, ProductTable
from identity.accounts.models import ConnectedCatalog
from identity.accounts.role_arns import NOT_ITS_ROLE, is_role_of

if TYPE_CHECKING:
    CatalogForm = ModelForm[ConnectedCatalog]
    ProductTableFormBase = ModelForm[ProductTable]
    DataProductFormBase = ModelForm[DataProduct]
    DatabaseFormBase = ModelForm[Database]
else:
    CatalogForm = ProductTableFormBase = DataProductFormBase = DatabaseFormBase = ModelForm


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


class ProductTableForm(ProductTableFormBase):
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if (table := said.get("table")) and (product := said.get("product")) and not said.get("DELETE"):
            _refuse(self, "table", why_not_held(table, product.domain_id))
        return said


class DataProductForm(DataProductFormBase):
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.instance.pk and (domain := said.get("domain")):
            self.instance.domain = domain
            _refuse(self, "domain", why_not_moved(self.instance))
        return said


class DatabaseForm(DatabaseFormBase):
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self.instance.domain = said.get("domain")
        _refuse(self, "domain", why_not_answered_by(self.instance))
        return said


def _refuse(form: "ModelForm[Any]", field: str, why: str) -> None:
    if why:
        form.add_error(field, why)
