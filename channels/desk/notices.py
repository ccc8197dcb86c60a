"""Notices by e-mail to a cell that nobody watches: how many cases wait, and where. No name, no word, no reference."""

import logging
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage

from prometheus_client import Counter

from bot.settings import Settings
from channels.staff.catalogue import staff_words

log = logging.getLogger(__name__)

NOTICES = Counter("dalil_notices", "Notices to cells by e-mail", ["outcome"])
_SECONDS = 20


@dataclass(frozen=True)
class Notice:
    """What a cell is told."""

    to: str
    language: str
    cases: int
    urgent: int
    address: str


def send_notice(settings: Settings, notice: Notice) -> None:
    """Send a notice. One that cannot be sent is written to the log and not tried again: the next one says more."""
    message = as_email(settings, notice)
    try:
        with _connect(settings) as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        NOTICES.labels("failed").inc()
        log.warning("notice_failed error=%s", type(error).__name__)
        return
    NOTICES.labels("sent").inc()


def as_email(settings: Settings, notice: Notice) -> EmailMessage:
    """The e-mail of a notice."""
    words = staff_words(notice.language)
    subject = words.count("notice_urgent" if notice.urgent else "notice_subject", notice.urgent or notice.cases)
    message = EmailMessage()
    message["From"] = settings.smtp_from or settings.smtp_user
    message["To"] = notice.to
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    lines = [words.count("notice_cases", notice.cases)]
    if notice.urgent:
        lines.append(words.count("notice_urgent", notice.urgent))
    lines += [words["notice_nothing_personal"], notice.address]
    message.set_content("\n".join(line for line in lines if line))
    return message


def _connect(settings: Settings) -> smtplib.SMTP:
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=_SECONDS)
    server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_SECONDS)
    if settings.smtp_security == "starttls":
        try:
            server.starttls()
        except (OSError, smtplib.SMTPException):
            with suppress(OSError, smtplib.SMTPException):
                server.close()
            raise
    return server
