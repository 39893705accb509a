"""Admin forms with checks across fields."""

from typing import TYPE_CHECKING, Any

from django.forms import ModelForm

from catalog.mirror.models import Database
from catalog.products.domain_consistency import (
    explain_domain_refusal,
    explain_move_refusal,
    explain_table_refusal,
)
from catalog.products.models import DataProduct, ProductTable
from identity.accounts import NOT_ACCOUNT_ROLE, ConnectedCatalog, is_role_of_account

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
        """Lake Formation accepts only a role of the catalog's own account for registering locations."""
        said: dict[str, Any] = super().clean() or {}
        account, arn = said.get("account"), said.get("location_role_arn", "")
        if (
            account
            and arn
            and not is_role_of_account(arn, account_id=account.account_id, partition=account.partition)
        ):
            self.add_error("location_role_arn", NOT_ACCOUNT_ROLE)
        return said


class ProductTableForm(ProductTableFormBase):
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if (table := said.get("table")) and (product := said.get("product")) and not said.get("DELETE"):
            _add_error_if(self, "table", explain_table_refusal(table, product.domain_id))
        return said


class DataProductForm(DataProductFormBase):
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.instance.pk and (domain := said.get("domain")):
            self.instance.domain = domain
            _add_error_if(self, "domain", explain_move_refusal(self.instance))
        return said


class DatabaseForm(DatabaseFormBase):
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self.instance.domain = said.get("domain")
        _add_error_if(self, "domain", explain_domain_refusal(self.instance))
        return said


def _add_error_if(form: "ModelForm[Any]", field: str, why: str) -> None:
    if why:
        form.add_error(field, why)
