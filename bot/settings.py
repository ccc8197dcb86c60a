"""All settings, typed, from ``DALIL_*`` in the environment or an ``.env`` file. docs/settings.md is tested against this."""

import secrets
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The settings of one program. Every field is documented and has a safe default for a first try."""

    model_config = SettingsConfigDict(env_prefix="DALIL_", env_file=".env", extra="ignore")

    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the web server listens on.")
    public_url: str = Field(
        "", description="Address under which people reach this server, if it stands behind a proxy (https://…)."
    )
    data_dir: Path = Field(Path("var"), description="Folder for everything that is kept: databases and keys.")
    database_url: str = Field("", description="SQLAlchemy address of the database; empty: SQLite in the data folder.")
    secret_key: str = Field(
        "", description="Secret for signatures and encrypted addresses; empty: made once and kept in the data folder."
    )
    models_dir: Path = Field(Path("models"), description="Folder of trained models.")
    model: Path | None = Field(
        None, description="A model file to use as it is; empty: the model of the present data, trained if missing."
    )
    default_language: Literal["ar", "fr", "en"] = Field(
        "fr", description="Language of pages and greetings before the person's is known."
    )
    retention_days: int = Field(
        90, ge=1, le=3650, description="Days after the last message until a conversation is deleted."
    )
    max_message_length: int = Field(
        2000, ge=100, le=20000, description="Characters of one message that are read; longer ones are refused kindly."
    )
    session_days: int = Field(30, ge=1, le=365, description="Days a web chat session is recognised.")
    remote_cell_km: float = Field(
        100.0, gt=0, description="Distance beyond which a case is called remote and partners are shown as well."
    )
    operator_name: str = Field(
        "",
        max_length=80,
        description="Who runs this service, as people are told it in their first answer by telephone.",
    )
    telegram_token: str = Field("", description="Token of the Telegram bot; empty: the channel is off.")
    telegram_secret: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_-]{0,256}$",
        description="Secret that Telegram sends with every update; empty: updates are only taken by polling.",
    )
    telegram_api_base: str = Field("https://api.telegram.org", description="Where Telegram's Bot API is.")
    twilio_account_sid: str = Field("", description="Twilio account; empty: the WhatsApp channel is off.")
    twilio_auth_token: str = Field("", description="Twilio's token: it signs what arrives and opens what is sent.")
    whatsapp_from: str = Field("", description="Our WhatsApp number at Twilio, as whatsapp:+212….")
    twilio_api_base: str = Field("", description="Where Twilio's API is, if it is not at Twilio's own addresses.")
    whatsapp_template_ar: str = Field("", description="ContentSid of the approved template in Arabic.")
    whatsapp_template_fr: str = Field("", description="ContentSid of the approved template in French.")
    whatsapp_template_en: str = Field("", description="ContentSid of the approved template in English.")
    whatsapp_per_second: float = Field(
        10.0, gt=0, le=1000, description="Messages a second that our WhatsApp number may send."
    )
    first_reply_hours: float = Field(4.0, gt=0, description="Office hours within which a cell owes a first reply.")
    urgent_reply_hours: float = Field(1.0, gt=0, description="The same for an urgent case.")
    resolution_hours: float = Field(
        40.0,
        gt=0,
        description="Office hours within which a case should be settled; waiting for the person is not counted.",
    )
    reopen_days: int = Field(
        5, ge=0, le=60, description="Days after closing in which a person reopens their case by writing; 0: never."
    )
    smtp_host: str = Field("", description="Mail server for notices to cells; empty: no notices by e-mail.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_user: str = Field("", description="User name at the mail server; empty: without signing in.")
    smtp_password: str = Field("", description="Password at the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection to the mail server is protected: starttls, tls or none."
    )
    smtp_from: str = Field("", description="Address that notices are sent from.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")

    @field_validator("model", mode="before")
    @classmethod
    def _no_model_when_empty(cls, value: object) -> object:
        return None if value == "" else value

    @cached_property
    def resolved_database_url(self) -> str:
        """The address of the application's database."""
        return self.database_url or f"sqlite:///{self.data_path / 'dalil.sqlite'}"

    @cached_property
    def resolved_workflow_url(self) -> str:
        """The address of the durable-workflow database: the same PostgreSQL, or a SQLite file of its own."""
        if self.database_url and not self.database_url.startswith("sqlite"):
            return self.database_url
        return f"sqlite:///{self.data_path / 'workflows.sqlite'}"

    @cached_property
    def data_path(self) -> Path:
        """The data folder, made if it does not exist, readable by its owner only."""
        path = self.data_dir.expanduser().resolve()
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    @cached_property
    def resolved_secret_key(self) -> str:
        """The secret key, made once and kept beside the data when none is set."""
        if self.secret_key:
            return self.secret_key
        path = self.data_path / "secret.key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        return path.read_text(encoding="ascii").strip()

    @property
    def is_postgresql(self) -> bool:
        """Whether more than one process may share this database."""
        return self.resolved_database_url.startswith("postgresql")


@cache
def load_settings() -> Settings:
    """Settings from the environment, read once a process; raises pydantic's ValidationError naming each wrong field."""
    return Settings()
