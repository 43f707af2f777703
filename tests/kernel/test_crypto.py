"""Sealed values open for their own row only, with any configured key."""

import pytest

from workflows.kernel.crypto import BadKeys, Keyring, Unsealable

ACCOUNT = "6222 0202 0001 2345 678 中国工商银行"


def keyring(*ids: str) -> tuple[Keyring, str]:
    text = ",".join(Keyring.new_key(key_id) for key_id in ids)
    return Keyring.parse(text), text


def test_a_sealed_value_opens_for_its_own_row() -> None:
    ring, _ = keyring("k1")
    sealed = ring.seal(ACCOUNT, row="employee:17:payout_account")
    assert ring.unseal(sealed, row="employee:17:payout_account") == ACCOUNT
    assert ACCOUNT.encode() not in sealed


def test_a_sealed_value_copied_into_another_row_does_not_open() -> None:
    ring, _ = keyring("k1")
    sealed = ring.seal(ACCOUNT, row="employee:17:payout_account")
    with pytest.raises(Unsealable):
        ring.unseal(sealed, row="employee:18:payout_account")


@pytest.mark.parametrize("position", [0, 1, 2, 5, 20, -1])
def test_a_changed_byte_is_noticed(position: int) -> None:
    ring, _ = keyring("k1")
    sealed = bytearray(ring.seal(ACCOUNT, row="r"))
    sealed[position] ^= 0xFF
    with pytest.raises(Unsealable):
        ring.unseal(bytes(sealed), row="r")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01\x02k1", b"\x01\xff"])
def test_a_cut_off_value_is_refused(sealed: bytes) -> None:
    ring, _ = keyring("k1")
    with pytest.raises(Unsealable):
        ring.unseal(sealed, row="r")


def test_a_new_key_in_front_seals_and_the_old_one_still_opens() -> None:
    old, text = keyring("k1")
    sealed = old.seal(ACCOUNT, row="r")
    both = Keyring.parse(f"{Keyring.new_key('k2')},{text}")
    assert both.unseal(sealed, row="r") == ACCOUNT
    assert not both.is_current(sealed)
    assert both.is_current(both.seal(ACCOUNT, row="r"))
    with pytest.raises(Unsealable, match="k2 is not configured"):
        old.unseal(both.seal(ACCOUNT, row="r"), row="r")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no encryption key"),
        ("k1", "id:base64"),
        ("k1:not base64!", "key k1 is not base64"),
        ("k1:AAAA", "3 bytes instead of 32"),
        ("K 1:AAAA", "key id"),
        ("k1:AAAA,k1:AAAA", "twice"),
    ],
)
def test_unusable_keys_are_named_without_showing_them(text: str, reason: str) -> None:
    with pytest.raises(BadKeys, match=reason):
        Keyring.parse(text)
