"""From an identifier as a person writes it to the form the graph keeps."""

from kehu.clean.email_addresses import EmailAddress
from kehu.clean.id_numbers import IdNumber
from kehu.clean.phone_numbers import PhoneNumber


def normal_form(type_: str, value: str, blind_index_key: bytes) -> str:
    """`138-0013-8000` → `+8613800138000`; "" for a value that cannot be one of its type."""
    match type_:
        case "phone":
            phone = PhoneNumber.parse(value)
            return phone.e164 if phone else ""
        case "email":
            email = EmailAddress.parse(value)
            return email.address if email else ""
        case "id_number":
            number = IdNumber.parse(value, blind_index_key)
            return number.hashed if number else ""
        case _:
            return value.strip()
