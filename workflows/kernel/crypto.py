"""Sealing of the few values that may not lie in the database in the clear: payout accounts, customers' contacts.

AES-256-GCM. A sealed value is ``version | length of key id | key id | nonce | ciphertext and tag``. The row that the
value belongs to is associated data: a sealed value copied into another row or column does not open there. Keys have
ids, so that a new key can be put in front while old values still open; ``Keyring.is_current`` tells which to reseal.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = 1
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEY_ID = re.compile(r"[a-z0-9_-]{1,32}")


class BadKeys(ValueError):
    """The configured keys cannot be used."""


class Unsealable(ValueError):
    """A sealed value that no configured key opens for this row: another row's, damaged, or its key is gone."""


class Keyring:
    """The keys by id; the first one seals, every one opens."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise BadKeys("no encryption key is configured")
        for key_id, key in keys.items():
            if not _KEY_ID.fullmatch(key_id):
                raise BadKeys("a key id consists of up to 32 of a-z, 0-9, - and _")
            if len(key) != _KEY_BYTES:
                raise BadKeys(f"key {key_id} has {len(key)} bytes instead of {_KEY_BYTES}")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read ``id:base64,id:base64``, the current key first, as the environment gives it."""
        keys: dict[str, bytes] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            key_id, colon, encoded = part.partition(":")
            if not colon:
                raise BadKeys("keys are written as id:base64, separated by commas")
            if key_id in keys:
                raise BadKeys(f"key {key_id} is given twice")
            try:
                keys[key_id] = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                # The value is left out of the message: it would end up in a log.
                raise BadKeys(f"key {key_id} is not base64") from None
        return cls(keys)

    @staticmethod
    def new_key(key_id: str) -> str:
        """A fresh key in the form that ``parse`` reads."""
        return f"{key_id}:{base64.b64encode(os.urandom(_KEY_BYTES)).decode()}"

    def seal(self, value: str, *, row: str) -> bytes:
        """Seal a text for one row and column, named like ``employee:17:payout_account``."""
        header = self._header(self._current)
        nonce = os.urandom(_NONCE_BYTES)
        return header + nonce + self._ciphers[self._current].encrypt(nonce, value.encode(), header + row.encode())

    def unseal(self, sealed: bytes, *, row: str) -> str:
        """The text that was sealed for this row.

        :raises Unsealable: the value is another row's, damaged, or sealed with a key that is not configured
        """
        key_id = self._key_id(sealed)
        header = self._header(key_id)
        nonce, ciphertext = sealed[len(header):][:_NONCE_BYTES], sealed[len(header) + _NONCE_BYTES:]
        try:
            return self._ciphers[key_id].decrypt(nonce, ciphertext, header + row.encode()).decode()
        except KeyError:
            raise Unsealable(f"key {key_id} is not configured") from None
        except (InvalidTag, ValueError):
            raise Unsealable("the value is damaged or belongs to another row") from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value is sealed with the key that seals today."""
        return self._key_id(sealed) == self._current

    @staticmethod
    def _header(key_id: str) -> bytes:
        return bytes((_VERSION, len(key_id))) + key_id.encode()

    @staticmethod
    def _key_id(sealed: bytes) -> str:
        if len(sealed) < 2 or sealed[0] != _VERSION:  # noqa: PLR2004
            raise Unsealable("the value has no known form")
        try:
            return sealed[2 : 2 + sealed[1]].decode("ascii")
        except UnicodeDecodeError:
            raise Unsealable("the value has no known form") from None
