"""Makes `labelled_columns.json`: columns with a name, a type, values and what they really hold.

Written before the detectors and not used to tune them. It repeats: the same seed makes the same file. Every value is
made up. Run `python -m tools.bench.classification.labelled_columns` to write the file again; a test compares it.

Others chose these names. They were labelled after the detectors were written, and no word was added for them since.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from stdnum.it import codicefiscale

SEED, ROWS = 20261127, 40
MISSING, BROKEN = 0.06, 0.03
"""Shares of the values."""
FILE = Path(__file__).with_suffix(".json")
PUBLISHED_FILE = Path(__file__).with_name("published_columns.json")
TODAY = date(2026, 11, 27)
Draw = Callable[[random.Random], str]


def _birth(rng: random.Random) -> date:
    return TODAY - timedelta(days=int(rng.triangular(18, 95, 45) * 365.25))


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(one) * weight for one, weight in zip(digits, weights, strict=False))


def address(rng: random.Random) -> str:
    street = rng.choice(["Hauptstr.", "Bahnhofstrasse", "Rue de la Paix", "Mill Lane", "Gartenweg"])
    return f"{street} {rng.randint(1, 180)}, {rng.randint(10000, 99999)} {rng.choice(CITIES)}"


def birth(rng: random.Random) -> str:
    return _birth(rng).isoformat()


def british_number(rng: random.Random) -> str:
    first, second = rng.choice("ABCEGHJKLMNPRSTWXYZ"), rng.choice("ABCEGHJKLMNPRSTWXYZ")
    pair = f"{first}{second}"
    return f"{'AB' if pair in {'BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ'} else pair}{_digits(rng, 6)}{rng.choice('ABCD')}"


def card(rng: random.Random) -> str:
    prefix, size = rng.choice([("4", 16), ("53", 16), ("37", 15), ("6011", 16), ("2221", 16)])
    body = prefix + _digits(rng, size - len(prefix) - 1)
    return body + _luhn_digit(body)


def dutch_number(rng: random.Random) -> str:
    while True:
        body = str(rng.randint(10_000_000, 29_999_999))
        last = _weighted(body, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
        if last != len(body) + 2:
            return f"{body}{last}"


def email(rng: random.Random) -> str:
    name = f"{rng.choice(['anna', 'jonas', 'm', 'emre.k', 'sofia-r', 'luis_g'])}{rng.randint(1, 999)}"
    return f"{name}@{rng.choice(['example.com', 'mail.example.org', 'post.example.de', 'firma.co.uk'])}"


def french_number(rng: random.Random) -> str:
    body = f"{rng.choice('12')}{rng.randint(30, 99)}{rng.randint(1, 12):02d}{rng.randint(21, 95):02d}{_digits(rng, 6)}"
    return f"{body}{97 - int(body) % 97:02d}"


def german_birth(rng: random.Random) -> str:
    return f"{_birth(rng):%d.%m.%Y}"


def german_tax_id(rng: random.Random) -> str:
    kept = rng.sample("0123456789", 9)
    body = [*kept, rng.choice(kept)]
    rng.shuffle(body)
    if body[0] == "0":
        other = next(at for at, one in enumerate(body) if one != "0")
        body[0], body[other] = body[other], body[0]
    product = 10
    for one in body:
        total = (int(one) + product) % 10 or 10
        product = total * 2 % 11
    return "".join(body) + str((11 - product) % 10)


def home_phone(rng: random.Random) -> str:
    return rng.choice([
        f"0151/{rng.randint(10_000_000, 99_999_999)}", f"030 {rng.randint(2_000_000, 8_999_999)}", f"(040) {rng.randint(200_000, 899_999)}-{rng.randint(10, 99)}",
    ])  # fmt: skip


def iban(rng: random.Random) -> str:
    country, size = rng.choice([("DE", 18), ("AT", 16), ("CH", 17), ("NL", 0), ("FR", 0)])
    if country == "NL":
        body = rng.choice(["ABNA", "INGB", "RABO"]) + _digits(rng, 10)
    elif country == "FR":
        body = _french_account(rng)
    else:
        body = _digits(rng, size)
    return f"{country}{98 - _to_number(body + country + '00') % 97:02d}{body}"


def italian_code(rng: random.Random) -> str:
    born = _birth(rng)
    letters = "".join(rng.choice("BCDFGLMNPRST") for _ in range(6))
    body = f"{letters}{born:%y}{'ABCDEHLMPRST'[born.month - 1]}{born.day + rng.choice([0, 40]):02d}H501"
    return body + codicefiscale.calc_check_digit(body)


def long_network_address(rng: random.Random) -> str:
    return "2001:db8:" + ":".join(f"{rng.randint(1, 65535):x}" for _ in range(6))


def network_address(rng: random.Random) -> str:
    return ".".join(str(rng.randint(1, 254)) for _ in range(4))


def number(count: int) -> Draw:
    return lambda rng: _digits(rng, count)


def person(rng: random.Random) -> str:
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def polish_number(rng: random.Random) -> str:
    born = _birth(rng)
    month = born.month + (20 if born > date(1999, 12, 31) else 0)
    body = f"{born:%y}{month:02d}{born:%d}{_digits(rng, 4)}"
    return body + str(-_weighted(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10)


def social_security(rng: random.Random) -> str:
    area = rng.choice([*range(1, 666), *range(667, 900)])
    return f"{area:03d}-{rng.randint(1, 99):02d}-{rng.randint(1, 9999):04d}"


def spaced_card(rng: random.Random) -> str:
    text = card(rng)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def spaced_iban(rng: random.Random) -> str:
    text = iban(rng)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def spanish_number(rng: random.Random) -> str:
    number, first = rng.randint(1_000_000, 79_999_999), rng.choice(["", "", "X", "Y"])
    body = number % 10_000_000 if first else number
    total = body + {"": 0, "X": 0, "Y": 10_000_000}[first]
    return f"{first}{body:0{7 if first else 8}d}{'TRWAGMYFPDXBNJZSQVHLCKE'[total % 23]}"


def swiss_number(rng: random.Random) -> str:
    body = "756" + _digits(rng, 9)
    last = -sum(int(one) * (3 if at % 2 else 1) for at, one in enumerate(body)) % 10
    return f"756.{body[3:7]}.{body[7:11]}.{body[11]}{last}"


def world_phone(rng: random.Random) -> str:
    return rng.choice([
        f"+49 151 {_digits(rng, 8)}", f"+4930{_digits(rng, 7)}", f"+44 7{rng.choice('4579')}{_digits(rng, 8)}",
        f"+33 6 {rng.randint(10, 99)} {_digits(rng, 2)} {_digits(rng, 2)} {_digits(rng, 2)}", f"+1 212-55{rng.randint(1, 9)}-{_digits(rng, 4)}",
        f"0041 79 {rng.randint(200, 999)} {_digits(rng, 2)} {_digits(rng, 2)}",
    ])  # fmt: skip


PERSONAL: tuple[tuple[str, str, str, Draw], ...] = (
    *[("iban", name, "varchar", draw) for name in ("iban", "konto_iban", "bank_account", "acct", "empfaenger", "col_7", "zahlungsziel", "IBANNr")
      for draw in (iban, spaced_iban)],
    *[("payment_card", name, "varchar", draw) for name in ("card_number", "kreditkarte", "pan", "kartennummer", "c12", "payment_ref", "ccnum")
      for draw in (card, spaced_card)],
    ("payment_card", "card_no", "bigint", card),
    *[("email", name, "varchar", email) for name in ("email", "e_mail", "mail_adresse", "contact", "kontakt", "login", "field_3", "customerEmail", "absender")],
    *[("phone", name, "varchar", world_phone) for name in ("phone", "telefon", "mobile_no", "handynummer", "contact_2", "x4", "rueckruf", "phoneNumber")],
    *[("phone", name, "varchar", home_phone) for name in ("telefonnummer", "tel_privat", "mobil", "fax", "phone_home")],
    *[("national_id", name, "varchar", draw) for draw, names in {
        german_tax_id: ("steuer_id", "tax_id", "idnr", "kennung"), social_security: ("ssn", "social_security_no", "ref_us"),
        swiss_number: ("ahv_nummer", "sozialversicherung", "nr"), french_number: ("nir", "numero_secu", "code_fr"),
        italian_code: ("codice_fiscale", "cf", "code_it"), spanish_number: ("dni", "nif", "documento"),
        polish_number: ("pesel", "national_id", "pl_nr"), dutch_number: ("bsn", "burgerservicenummer"), british_number: ("nino", "ni_number", "uk_ref"),
    }.items() for name in names],
    *[("date_of_birth", name, type_, draw) for type_, draw in (("date", birth), ("varchar", german_birth))
      for name in ("birth_date", "geburtsdatum", "dob", "geb_dat", "dateOfBirth")],
    ("date_of_birth", "day_1", "date", birth), ("date_of_birth", "gebtag", "date", birth),
    *[("person_name", name, "varchar", person) for name in ("first_name", "nachname", "full_name", "customer_name", "vorname", "lastName", "kundenname", "insured_person_name")],
    *[("postal_address", name, "varchar", address) for name in ("address", "anschrift", "street", "strasse", "home_address", "wohnort", "billingAddress", "str_hausnr")],
    *[("ip_address", name, "varchar", draw) for draw, names in {network_address: ("ip", "client_ip", "source", "remote_addr"), long_network_address: ("ip_v6", "host")}.items() for name in names],
)  # fmt: skip


@dataclass(frozen=True)
class LabelledColumn:
    """`kind` is empty for a column without personal data."""

    name: str
    type: str
    kind: str
    values: list[str | None]
    made_as: str


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(count))


def _to_number(text: str) -> int:
    return int("".join(str(int(letter, 36)) for letter in text))


def _french_account(rng: random.Random) -> str:
    bank, branch, account = _digits(rng, 5), _digits(rng, 5), _digits(rng, 11)
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    return f"{bank}{branch}{account}{key:02d}"


def wrong_iban(rng: random.Random) -> str:
    text = iban(rng)
    return f"{text[:2]}{(int(text[2:4]) + rng.randint(1, 90)) % 100:02d}{text[4:]}"


def _luhn_digit(body: str) -> str:
    doubled = [int(one) * (2 if at % 2 == 0 else 1) for at, one in enumerate(reversed(body))]
    return str(-sum(sum(divmod(one, 10)) for one in doubled) % 10)


FIRST = ("Anna", "Jonas", "Mira", "Emre", "Greta", "Luis", "Sofia", "Piotr", "Marie", "Nils", "Ayşe", "José")
LAST = ("Keller", "Weber", "Okafor", "Sommer", "García", "Nowak", "Dubois", "Rossi", "de Vries", "Yilmaz")
CITIES = ("Hamburg", "Zürich", "Lyon", "Madrid", "Milano", "Kraków", "Utrecht", "Leeds")


def recent_day(rng: random.Random) -> str:
    return (TODAY - timedelta(days=rng.randint(0, 1500))).isoformat()


def founding_day(rng: random.Random) -> str:
    return (TODAY - timedelta(days=rng.randint(700, 36_000))).isoformat()


def version(rng: random.Random) -> str:
    return f"{rng.randint(1, 9)}.{rng.randint(0, 20)}.{rng.randint(0, 9)}"


def long_version(rng: random.Random) -> str:
    return f"{rng.randint(1, 9)}.{rng.randint(0, 20)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}"


def order_number(rng: random.Random) -> str:
    return "4" + _digits(rng, 15)


def uuid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def timestamp(rng: random.Random) -> str:
    return f"{recent_day(rng)} {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}.000"


def product_code(rng: random.Random) -> str:
    return f"0{rng.randint(100, 999)}-{_digits(rng, 6)}"


def article_number(rng: random.Random) -> str:
    body = rng.choice(["400", "978", "761"]) + _digits(rng, 9)
    return body + str(-sum(int(one) * (3 if at % 2 else 1) for at, one in enumerate(body)) % 10)


def reference(rng: random.Random) -> str:
    return f"{rng.choice(['AB', 'CE', 'HK'])}{_digits(rng, 6)}{rng.choice('EFGX')}"


def epoch(rng: random.Random) -> str:
    return str(1_700_000_000 + rng.randint(0, 90_000_000))


def amount(rng: random.Random) -> str:
    return f"{rng.randint(1, 90000)}.{_digits(rng, 2)}"


def handle(rng: random.Random) -> str:
    return f"@{rng.choice(['harbour', 'bank', 'news'])}{rng.randint(1, 99)}"


def choose(*words: str) -> Draw:
    return lambda rng: rng.choice(words)


HARMLESS: tuple[tuple[str, str, Draw], ...] = (
    ("order_number", "varchar", order_number), ("bestellnummer", "bigint", order_number), ("card_order_ref", "varchar", order_number),
    ("transaction_uuid", "varchar", uuid), ("id", "varchar", uuid), ("customer_key", "varchar", uuid), ("created_at", "timestamp", timestamp),
    ("email_sent_at", "timestamp", timestamp), ("phone_verified_on", "date", recent_day), ("updated", "varchar", timestamp),
    ("product_code", "varchar", product_code), ("artikelnummer", "varchar", product_code), ("ean", "varchar", article_number), ("gtin", "bigint", article_number),
    ("account_ref", "varchar", wrong_iban), ("legacy_account", "varchar", wrong_iban), ("buchungsdatum", "date", recent_day), ("order_date", "date", recent_day),
    ("founded_on", "date", founding_day), ("gruendungsdatum", "date", founding_day), ("built_on", "date", founding_day), ("app_version", "varchar", version),
    ("firmware", "varchar", long_version), ("software_version", "varchar", long_version), ("case_reference", "varchar", reference), ("unix_time", "bigint", epoch),
    ("amount", "double", amount), ("betrag", "decimal(12,2)", amount), ("twitter_handle", "varchar", handle), ("batch", "varchar", number(9)),
    ("claim_no", "bigint", number(11)), ("sequence", "varchar", number(13)), ("policy_no", "varchar", number(15)), ("counter", "int", number(5)),
    ("product_name", "varchar", choose("Hypothek", "Sparbuch", "Classic Card")), ("file_name", "varchar", choose("a.csv", "b.parquet")), ("domain_name", "varchar", choose("example.com", "bank.example")),
    ("email_opt_in", "boolean", choose("true", "false")), ("phone_type", "varchar", choose("mobile", "home")), ("card_type", "varchar", choose("Gold", "Classic")),
    ("ip_version", "int", choose("4", "6")), ("mail_template", "varchar", choose("welcome", "reminder")), ("birth_country", "varchar", choose("DE", "CH", "FR")),
    ("street_type", "varchar", choose("road", "lane")), ("status", "varchar", choose("open", "closed")), ("currency", "varchar", choose("EUR", "CHF", "USD")),
    ("country_code", "varchar", choose("DE", "FR", "IT")), ("region", "varchar", choose("North", "South")), ("table_name", "varchar", choose("orders", "claims")),
    ("tax_rate", "double", choose("0.19", "0.07")), ("company_name", "varchar", choose("Harbour AG", "Northern Re")), ("ssn_verified", "boolean", choose("true", "false")),
    ("mailing_list", "varchar", choose("news", "offers")), ("description", "varchar", choose("Paid on time", "Late", "In review")), ("premium", "double", amount),
    ("valid_until", "date", recent_day), ("maturity", "date", lambda rng: (TODAY + timedelta(days=rng.randint(30, 9000))).isoformat()), ("iban_count", "int", number(1)),
    ("steuerklasse", "int", choose("1", "3", "5")), ("kontotyp", "varchar", choose("Giro", "Spar")), ("panel_id", "int", number(4)), ("telemetry", "double", amount),
    ("shipment", "varchar", lambda rng: f"JD{_digits(rng, 18)}"), ("isin", "varchar", lambda rng: f"DE000{_letters(rng, 3)}{_digits(rng, 4)}"),
)  # fmt: skip


def make_columns(seed: int = SEED) -> Iterator[LabelledColumn]:
    """Each personal column has a few missing and a few broken values; each harmless one a few missing."""
    rng = random.Random(seed)
    for kind, name, type_, draw in PERSONAL:
        values = [_spoil(rng, draw(rng)) for _ in range(ROWS)]
        yield LabelledColumn(name, type_, kind, values, _name_of(draw))
    for name, type_, draw in HARMLESS:
        drawn = [None if rng.random() < MISSING else draw(rng) for _ in range(ROWS)]
        yield LabelledColumn(name, type_, "", drawn, _name_of(draw))


def _spoil(rng: random.Random, value: str) -> str | None:
    chance = rng.random()
    if chance < MISSING:
        return None
    return "n/a" if chance < MISSING + BROKEN and not value.isdigit() else value


def _name_of(draw: Draw) -> str:
    return getattr(draw, "__name__", "").strip("<>") or "choice"


def format_file(seed: int = SEED) -> str:
    """A JSON list, one column a line."""
    rows = [json.dumps(asdict(column), ensure_ascii=False) for column in make_columns(seed)]
    return "[\n" + ",\n".join(rows) + "\n]\n"


def read_columns() -> list[LabelledColumn]:
    return [LabelledColumn(**one) for one in json.loads(FILE.read_text(encoding="utf-8"))]


def read_published_columns() -> list[LabelledColumn]:
    """Without values."""
    rows = json.loads(PUBLISHED_FILE.read_text(encoding="utf-8"))
    return [LabelledColumn(row["name"], row["type"], row["kind"], [], row["schema"]) for row in rows]


if __name__ == "__main__":
    FILE.write_text(format_file(), encoding="utf-8")
