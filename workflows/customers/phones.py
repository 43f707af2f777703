"""Phone numbers as people write them, what a list may show of one, and what one is found by.

A number is kept as it was written. Its digits, without the country code of China and without an extension, are what
it is compared by; they stand in the database as keyed digests only, because all numbers could be tried out otherwise.
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field

from workflows.kernel.crypto import Keyring

#: 95588 is a number, and so is +44 20 7946 0958.
FEWEST, MOST = 5, 15
TAIL = 4
_WRITTEN = re.compile(r"\+?[0-9() -]+(?:(?:ext\.?|x|转|分机|#)[0-9 ]{1,8})?", re.ASCII)
_EXTENSION = re.compile(r"(?:ext\.?|x|转|分机|#).*$|^(0[0-9]{2,3}-[0-9]{7,8})-[0-9]{1,6}$", re.ASCII)
_MOBILE = re.compile(r"1[0-9]{10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seals:
    """The keyring that seals contacts, and the secret under which phone numbers are digested."""

    keyring: Keyring = field(repr=False)
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, keyring: Keyring, audit_key: bytes) -> "Seals":
        """Seals with a secret of their own, derived from the installation's audit key."""
        return cls(keyring, hmac.digest(audit_key, b"contact phone numbers", hashlib.sha256))

    def phone_key(self, phone: str) -> bytes:
        """What a whole number is found by; empty for none."""
        return self._digest(digits_of(phone))

    def phone_tail_key(self, phone: str) -> bytes:
        """What a number is found by whose last four digits are known; empty for none."""
        tail = digits_of(phone)[-TAIL:]
        return self._digest(f"tail {tail}") if tail else b""

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self.secret, text.encode(), hashlib.sha256) if text else b""


def is_phone(text: str) -> bool:
    """Whether it is a number: digits, +, -, brackets and blanks, with an extension or without."""
    return bool(_WRITTEN.fullmatch(_plain(text))) and FEWEST <= len(digits_of(text)) <= MOST


def digits_of(phone: str) -> str:
    """The digits that tell numbers apart: ``+86 138-0013-8000`` and ``13800138000`` are one number."""
    plain = _plain(phone)
    digits = re.sub(r"[^0-9]", "", _EXTENSION.sub(r"\1", plain))
    if plain.startswith(("+86", "0086")):
        digits = digits.removeprefix("00").removeprefix("86")
        return digits if _MOBILE.fullmatch(digits) or digits.startswith("0") else f"0{digits}"
    return digits


def masked_phone(phone: str) -> str:
    """``138****1234``; shorter numbers show less."""
    digits = digits_of(phone)
    if not digits:
        return ""
    if len(digits) >= 9:  # noqa: PLR2004 (three and four shown, at least two hidden)
        return f"{digits[:3]}****{digits[-TAIL:]}"
    return f"****{digits[-2:]}"


def masked_name(name: str) -> str:
    """``李*``."""
    return f"{name[:1]}*"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("–", "-").replace("—", "-").lower().split())
