import re

import pytest
from cryptography.fernet import InvalidToken

from bot.secrets import AddressBook, new_reference, new_token


def test_the_same_address_has_one_fingerprint_from_which_it_cannot_be_read():
    book = AddressBook("secret")
    assert book.fingerprint("telegram", "123456") == book.fingerprint("telegram", "123456")
    assert book.fingerprint("telegram", "123456") != book.fingerprint("whatsapp", "123456")
    assert "123456" not in book.fingerprint("telegram", "123456")


def test_a_sealed_address_opens_with_its_key_only():
    sealed = AddressBook("secret").seal("+212600000000")
    assert "212" not in sealed
    assert AddressBook("secret").unseal(sealed) == "+212600000000"
    with pytest.raises(InvalidToken):
        AddressBook("another").unseal(sealed)


def test_tokens_fit_telegram_and_references_can_be_read_out():
    assert len(new_token().encode()) <= 64
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{3}-[2-9A-HJKMNP-Z]{3}", new_reference())
