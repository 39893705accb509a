"""Evidence in words. It says how many values passed a check, never which."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.classification.models import Finding

CHECK_LABELS = {
    "iban": gettext_lazy("IBANs with a valid checksum"),
    "payment_card": gettext_lazy("payment card numbers with a valid checksum"),
    "email": gettext_lazy("email addresses"),
    "phone": gettext_lazy("phone numbers"),
    "ip_address": gettext_lazy("IP addresses"),
    "date_of_birth": gettext_lazy("dates that can be dates of birth"),
    "reference": gettext_lazy("different values"),
    "de_idnr": gettext_lazy("German tax identification numbers"),
    "us_ssn": gettext_lazy("US Social Security numbers"),
    "ch_ahv": gettext_lazy("Swiss AHV numbers"),
    "fr_nir": gettext_lazy("French social security numbers"),
    "it_codice_fiscale": gettext_lazy("Italian tax codes"),
    "es_dni": gettext_lazy("Spanish DNI or NIE numbers"),
    "pl_pesel": gettext_lazy("Polish PESEL numbers"),
    "nl_bsn": gettext_lazy("Dutch citizen service numbers"),
    "gb_nino": gettext_lazy("UK National Insurance numbers"),
    "gb_nhs": gettext_lazy("UK NHS numbers"),
    "at_vnr": gettext_lazy("Austrian social insurance numbers"),
    "be_nn": gettext_lazy("Belgian national numbers"),
    "se_personnummer": gettext_lazy("Swedish personal identity numbers"),
    "dk_cpr": gettext_lazy("Danish CPR numbers"),
}


def describe_evidence(finding: Finding) -> list[str]:
    """A sentence for each piece of evidence."""
    return [_describe(line) for line in finding.evidence]


def _describe(line: Mapping[str, Any]) -> str:
    if line["check"] == "name":
        return _("The column's name says so.")
    words = {"valid": line["valid"], "sampled": line["sampled"], "what": CHECK_LABELS.get(line["check"], "")}
    if not words["what"]:
        return _("%(valid)s of %(sampled)s sampled values look like it.") % words
    if line["check"] == "reference":
        return (
            ngettext(
                "%(sampled)s sampled value has %(valid)s different values.",
                "%(sampled)s sampled values have %(valid)s different values.",
                line["sampled"],
            )
            % words
        )
    return (
        ngettext(
            "%(valid)s of %(sampled)s sampled value: %(what)s.",
            "%(valid)s of %(sampled)s sampled values: %(what)s.",
            line["sampled"],
        )
        % words
    )
