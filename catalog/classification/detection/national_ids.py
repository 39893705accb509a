"""Numbers by which states identify people. Each has a checksum or a format of its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum.at import vnr
from stdnum.be import nn
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import ssn

_BRITISH = re.compile(
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
)
_DASHED_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")


@dataclass(frozen=True)
class NationalId:
    """`is_valid` with a column of such a name. `is_certain` says that the values are enough."""

    code: str
    is_valid: Callable[[str], bool]
    is_certain: Callable[[str], bool] | None = None


def is_british_number(value: str) -> bool:
    """A National Insurance number, which has no checksum (HMRC, NIM39110)."""
    return _BRITISH.fullmatch(value) is not None


def _is_dashed_ssn(value: str) -> bool:
    return _DASHED_SSN.fullmatch(value) is not None and ssn.is_valid(value)


def _is_spanish(value: str) -> bool:
    return dni.is_valid(value) or nie.is_valid(value)


def _is_plain_date_number(value: str) -> bool:
    return personnummer.is_valid(value)


NATIONAL_IDS = (
    NationalId("de_idnr", idnr.is_valid, idnr.is_valid),
    NationalId("us_ssn", ssn.is_valid, _is_dashed_ssn),
    NationalId("ch_ahv", ahv.is_valid, ahv.is_valid),
    NationalId("fr_nir", nir.is_valid, nir.is_valid),
    NationalId("it_codice_fiscale", codicefiscale.is_valid, codicefiscale.is_valid),
    NationalId("es_dni", _is_spanish, _is_spanish),
    NationalId("pl_pesel", pesel.is_valid, pesel.is_valid),
    NationalId("nl_bsn", bsn.is_valid, bsn.is_valid),
    NationalId("gb_nino", is_british_number, is_british_number),
    NationalId("gb_nhs", nhs.is_valid, nhs.is_valid),
    NationalId("at_vnr", vnr.is_valid, vnr.is_valid),
    NationalId("be_nn", nn.is_valid, nn.is_valid),
    NationalId("se_personnummer", _is_plain_date_number, _is_plain_date_number),
    NationalId("dk_cpr", cpr.is_valid),
)
"""`dk_cpr` and a US number without dashes are numbers that many others pass as well, so they need the column's name."""
