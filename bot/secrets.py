"""Pseudonyms and encrypted addresses: nobody who reads the database learns a phone number from it."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.fernet import Fernet

#: Letters and digits that are not mistaken for one another when read aloud.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class AddressBook:
    """Turns a channel address into a searchable fingerprint and an encrypted copy, both keyed with one secret."""

    secret_key: str

    def fingerprint(self, channel: str, address: str) -> str:
        """A keyed hash by which the same address is found again, and from which it cannot be read."""
        return hmac.new(self._key("fingerprint"), f"{channel}:{address}".encode(), hashlib.sha256).hexdigest()

    def seal(self, address: str) -> str:
        """The address, encrypted."""
        return self._fernet().encrypt(address.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The address in clear; raises cryptography.fernet.InvalidToken if the key is another."""
        return self._fernet().decrypt(sealed.encode()).decode()

    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._key("seal")))

    def _key(self, purpose: str) -> bytes:
        return hashlib.sha256(f"dalil:{purpose}:{self.secret_key}".encode()).digest()


def new_id() -> str:
    """A random id for a row, made here so that rows can be linked before they are written."""
    return secrets.token_hex(16)


def new_token() -> str:
    """An opaque button token, short enough for every channel (22 characters)."""
    return secrets.token_urlsafe(16)


def new_reference() -> str:
    """A case reference that a person can read out on the telephone: ``ABC-234``."""
    letters = [secrets.choice(REFERENCE_ALPHABET) for _ in range(6)]
    return f"{''.join(letters[:3])}-{''.join(letters[3:])}"
