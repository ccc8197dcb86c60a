"""Whether what WhatsApp needs is set, and right: the account, the number, the public address, the signature, templates."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from twilio.request_validator import RequestValidator

from bot.settings import Settings
from channels.channel import Arrival, Finding, Refused, SendFailed
from channels.whatsapp.client import TwilioAccount

_NUMBER = re.compile(r"^whatsapp:\+[1-9]\d{6,14}$")

Verify = Callable[[Arrival], Awaitable[str]]


async def check(account: TwilioAccount, settings: Settings, verify: Verify) -> Sequence[Finding]:
    """What is right and what is not, each with how to mend it."""
    return [
        await _check_account(account, settings),
        _check_number(settings),
        _check_address(settings),
        await _check_signature(settings, verify),
        *[await _check_template(account, language, sid) for language, sid in _templates(settings)],
    ]


async def _check_account(account: TwilioAccount, settings: Settings) -> Finding:
    try:
        found = await account.call(lambda client: client.api.v2010.accounts(settings.twilio_account_sid).fetch())
    except SendFailed as failure:
        if failure.failure in ("provider_down", "broken_off", "too_fast"):
            return Finding(False, "Twilio cannot be reached.", "Look at the network and at DALIL_TWILIO_API_BASE.")
        return Finding(
            False, "Twilio does not know this account or token.", "Copy DALIL_TWILIO_ACCOUNT_SID and _AUTH_TOKEN again."
        )
    good = str(found.status) == "active"
    return Finding(good, f"The account is {found.status}.", "" if good else "Look at Twilio's console.")


def _check_number(settings: Settings) -> Finding:
    good = bool(_NUMBER.match(settings.whatsapp_from))
    return Finding(
        good,
        "The number is written as Twilio writes it." if good else "The number is not one of Twilio's form.",
        "" if good else "Set DALIL_WHATSAPP_FROM as whatsapp:+212600000000.",
    )


def _check_address(settings: Settings) -> Finding:
    good = settings.public_url.startswith("https://")
    return Finding(
        good,
        "The public address is https." if good else "The public address is not https.",
        "" if good else "Set DALIL_PUBLIC_URL to the address that Twilio calls, exactly as it stands in its console.",
    )


async def _check_signature(settings: Settings, verify: Verify) -> Finding:
    """Sign a message as Twilio would, and let our own door look at it."""
    path, fields = "/channels/whatsapp/webhook", {"MessageSid": "SMdoctor", "Body": "سلام"}
    signer = RequestValidator(settings.twilio_auth_token)
    signature = signer.compute_signature(settings.public_url.rstrip("/") + path, fields)
    body = b"MessageSid=SMdoctor&Body=%D8%B3%D9%84%D8%A7%D9%85"
    try:
        await verify(Arrival(path, {"x-twilio-signature": signature}, _stream(body), largest=1000))
    except Refused:
        return Finding(False, "Our own signature is not accepted.", "Look at DALIL_PUBLIC_URL and the token.")
    return Finding(True, f"A signature over {settings.public_url.rstrip('/')}{path} is accepted.")


async def _stream(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _templates(settings: Settings) -> list[tuple[str, str]]:
    return [
        ("ar", settings.whatsapp_template_ar),
        ("fr", settings.whatsapp_template_fr),
        ("en", settings.whatsapp_template_en),
    ]


async def _check_template(account: TwilioAccount, language: str, sid: str) -> Finding:
    name = f"DALIL_WHATSAPP_TEMPLATE_{language.upper()}"
    if not sid:
        return Finding(
            False,
            f"There is no template ({language}): who is silent for 24 hours is not told that a reply waits.",
            f"Make one as docs/whatsapp.md says, and set {name}.",
        )
    try:
        await account.call(lambda client: client.content.v1.contents(sid).fetch())
        approval = await account.call(lambda client: client.content.v1.contents(sid).approval_fetch().fetch())
    except SendFailed:
        return Finding(False, f"Twilio does not know the template {sid} ({language}).", f"Look at {name}.")
    status = str((approval.whatsapp or {}).get("status", "unknown"))
    good = status == "approved"
    return Finding(
        good, f"The template ({language}) is {status}.", "" if good else "Wait, or look at Twilio's console."
    )
