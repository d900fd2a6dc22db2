"""What may be said of a person, and which of it tells one person from another."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from livelihood.safekeeping import PERSONAL_FIELDS

#: What a person may leave out of a number on purpose, as 138****1234.
_MASKED = re.compile(r"[*＊●•xX×]{2,}")
_EXTENSION = re.compile(r"\s*(?:ext\.?|x|转|分机|#|;|,).*$", re.IGNORECASE)
_FEWEST_DIGITS = 7
_WORD = re.compile(r"[A-Za-z_]{1,40}")
#: What WeChat calls a person by; anything else may be one of another channel.
_OPENID = re.compile(r"[\w-]{20,}")


def check(personal: Mapping[str, object]) -> dict[str, str]:
    """The fields that say something; ValueError names one that is unknown, or no text of its length."""
    found = {}
    for field, value in personal.items():
        if field not in PERSONAL_FIELDS:
            # Quoted only where it is a word: it may be somebody's number in the wrong place.
            named = repr(field) if _WORD.fullmatch(field) else "one of them"
            raise ValueError(f"{named} is no personal field; known are {', '.join(PERSONAL_FIELDS)}")
        if not isinstance(value, str):
            raise ValueError(f"{field} must be a text")
        if len(value) > PERSONAL_FIELDS[field]:
            raise ValueError(f"{field} is longer than {PERSONAL_FIELDS[field]:,} characters")
        if any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\r\t" for one in value):
            raise ValueError(f"{field} has a character in it that is no text")
        if value.strip():
            found[field] = value.strip()
    return found


def identifiers(personal: Mapping[str, str]) -> list[tuple[str, str]]:
    """(field, normalised) of what tells the person, the surest first."""
    found = []
    for field, normalise in _NORMALISE.items():
        normal = normalise(unicodedata.normalize("NFKC", personal.get(field, "")).strip())
        if normal:
            found.append((field, normal))
    return found


def fields_of(identifier: str) -> dict[str, str]:
    """As which fields an identifier may have been given that a person only names: 13800001234, a@b.cn."""
    if "@" in identifier:
        return {"email": identifier}
    found = {"identity_number": identifier, "phone": identifier}
    return {**found, "openid": identifier} if _OPENID.fullmatch(identifier) else found


def _identity_number(text: str) -> str:
    normal = re.sub(r"[\s.-]", "", text).upper()
    is_one = re.fullmatch(r"[0-9A-Z]{6,}", normal) and len(set(normal)) > 1 and not _MASKED.search(text)
    return normal if is_one else ""


def _phone(text: str) -> str:
    """Digits of the national number: +86 138-0000-1234, 0086 13800001234 and 13800001234 are one."""
    if _MASKED.search(text):
        return ""
    text = _EXTENSION.sub("", text)
    digits = "".join(str(unicodedata.decimal(one)) for one in text if one.isdecimal())
    abroad = text.startswith("+") or digits.startswith("00")
    digits = digits.removeprefix("00")
    if digits.startswith("86") and (abroad or len(digits) >= 12):
        digits = digits[2:]
    digits = digits.lstrip("0")
    # +1 and the 1 of a Chinese mobile number look alike; without it both stay what they were.
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return digits if len(digits) >= _FEWEST_DIGITS and len(set(digits)) > 1 else ""


def _email(text: str) -> str:
    return text.casefold() if re.fullmatch(r"[^@\s]+@[^@\s]+", text) and "*" not in text else ""


def _openid(text: str) -> str:
    return text


_NORMALISE: dict[str, Callable[[str], str]] = {
    "identity_number": _identity_number,
    "openid": _openid,
    "phone": _phone,
    "email": _email,
}
