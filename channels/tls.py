"""Whom we trust when we call out, read from disk once: each connection would otherwise take 30 ms to read it again."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """The usual authorities, as httpx itself would take them."""
    return httpx.create_ssl_context()
