"""`dalil`: the program from the terminal. The terminal is a channel too (`dalil chat`, `dalil ask`)."""

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.settings import Settings, load_settings

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

app = typer.Typer(
    help="Dalil: a guide for migrants, refugees, asylum seekers and returning Moroccans in Morocco.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
desk_app = typer.Typer(help="Accounts of the desk.", no_args_is_help=True)
app.add_typer(desk_app, name="desk")
telegram_app = typer.Typer(help="The Telegram bot.", no_args_is_help=True)
app.add_typer(telegram_app, name="telegram")
console = Console(stderr=True)


def main() -> None:
    """Run a command."""
    from bot.logs import configure_logs

    configure_logs(load_settings().log_level)
    app()


@app.command()
def serve(*, train_first: Annotated[bool, typer.Option("--train/--no-train", help="Train if needed.")] = True) -> None:
    """Migrate, train if there is no model for the present data, seed, and serve."""
    _serve(load_settings(), train_first=train_first)


def _serve(settings: Settings, *, train_first: bool, is_polling: bool = False) -> None:
    import uvicorn

    from bot.clock import utc_now
    from bot.store.database import open_database
    from bot.store.migrate import migrate
    from channels.staff.seed import seed_agents
    from knowledge.library import load_library

    console.print("[1/4] Preparing the database …")
    database = open_database(settings)
    migrate(database)
    console.print("[2/4] Looking for a model of the present data …")
    _ensure_model(settings, may_train=train_first)
    console.print("[3/4] Seeding the desk …")
    seed_agents(settings, database, load_library(), utc_now)
    console.print("[4/4] Loading the model …")
    from channels.app import create_app

    application = create_app(settings, is_polling=is_polling)
    _print_welcome()
    for name, lacking in application.state.channels.off.items():
        console.print(f"{name} is off: set {lacking} to turn it on.", highlight=False)
    uvicorn.run(
        application,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        ws="none",
    )


@app.command()
def train(*, force: Annotated[bool, typer.Option(help="Train even if the model exists.")] = False) -> None:
    """Train the model of the present data."""
    settings = load_settings()
    _ensure_model(settings, may_train=True, force=force)


@app.command()
def migrate() -> None:
    """Bring the database to the present schema."""
    from bot.store.database import open_database
    from bot.store.migrate import migrate as upgrade

    upgrade(open_database(load_settings()))
    console.print("The database has the present schema.")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="One question; leave out with --json.")] = "",
    *,
    json_lines: Annotated[bool, typer.Option("--json", help="Read JSON Lines, write JSON Lines.")] = False,
    language: Annotated[str, typer.Option(help="Language of the answer: ar, fr or en.")] = "",
) -> None:
    """Ask one question, or many as JSON Lines, each in a fresh conversation through the whole assistant."""
    from channels.terminal import ask_lines, ask_once

    settings = load_settings()
    _ensure_model(settings, may_train=True)
    if json_lines:
        asyncio.run(ask_lines(settings, sys.stdin.buffer, sys.stdout))
    elif question.strip():
        asyncio.run(ask_once(settings, question, language or None, Console()))
    else:
        console.print("Give a question, or --json and JSON Lines on standard input.")
        raise typer.Exit(2)


@app.command()
def evaluate(
    *,
    calibrate: Annotated[
        bool, typer.Option(help="Write nlu/calibration.yml first, from the messages for tuning.")
    ] = False,
    curve: Annotated[
        bool, typer.Option(help="Train on fewer examples, and without concepts, to see their worth.")
    ] = False,
    report: Annotated[Path, typer.Option(help="Where to write the report.")] = Path("results/understanding.html"),
) -> None:
    """Score the understanding on messages nobody has trained on; fails below the floors."""
    from channels.evaluation import calibrate_on_tuning
    from channels.evaluation import evaluate as score

    settings = load_settings()
    _ensure_model(settings, may_train=True)
    if calibrate:
        calibrate_on_tuning()
    holds = asyncio.run(score(settings, report, Console(), with_curve=curve))
    console.print(f"Report: {report}")
    if not holds:
        raise typer.Exit(1)


@app.command()
def chat() -> None:
    """Talk to Dalil in the terminal; buttons are numbered."""
    from channels.terminal import chat_in_terminal

    settings = load_settings()
    _ensure_model(settings, may_train=True)
    asyncio.run(chat_in_terminal(settings, Console()))


@app.command("check-content")
def check_content(*, on: Annotated[str, typer.Option(help="Pretend that it is this day (YYYY-MM-DD).")] = "") -> None:
    """Check every article, parameter, cell and place."""
    from bot.clock import MOROCCO, utc_now
    from knowledge.cli import report_content
    from knowledge.library import load_library

    today = datetime.fromisoformat(on).date() if on else utc_now().astimezone(MOROCCO).date()
    if report_content(load_library(), today=today, console=Console()):
        raise typer.Exit(1)


@app.command()
def purge() -> None:
    """Forget everybody who has been silent for longer than the retention time."""
    from bot.clock import utc_now
    from bot.files import FileCabinet
    from bot.privacy import purge as forget_silent
    from bot.secrets import AddressBook
    from bot.store.database import open_database

    settings = load_settings()
    with open_database(settings).write() as session:
        count = forget_silent(session, retention_days=settings.retention_days, now=utc_now())
        FileCabinet(settings.data_path, AddressBook(settings.resolved_secret_key)).sweep(session)
    console.print(f"{count} conversations deleted.")


@app.command()
def doctor() -> None:
    """Check the settings of each channel against its provider, and say how to mend what is wrong."""
    from channels.doctor import examine

    if not asyncio.run(examine(load_settings(), Console())):
        raise typer.Exit(1)


@telegram_app.command("poll")
def telegram_poll(
    *,
    take_over: Annotated[bool, typer.Option(help="Delete the webhook first, if one is set.")] = False,
    train_first: Annotated[bool, typer.Option("--train/--no-train", help="Train if needed.")] = True,
) -> None:
    """Serve, and ask Telegram for updates instead of waiting for its webhook. For those without a public address."""
    from channels.telegram.channel import TelegramChannel
    from channels.telegram.poll import AnotherPolls, WebhookIsSet, make_way, only_one

    settings = _telegram_settings()
    try:
        asyncio.run(make_way(TelegramChannel(settings).bot, take_over=take_over))
        with only_one(settings.data_path):
            _serve(settings, train_first=train_first, is_polling=True)
    except WebhookIsSet:
        console.print(
            "A webhook is set, and Telegram gives updates to one taker only: `dalil telegram poll --take-over`."
        )
        raise typer.Exit(2) from None
    except AnotherPolls:
        console.print("Another program polls with this data folder. Stop it first.")
        raise typer.Exit(2) from None


@telegram_app.command("set-webhook")
def telegram_set_webhook() -> None:
    """Tell Telegram where to send updates, and set the menu and the descriptions in three languages."""
    from channels.telegram.channel import TelegramChannel
    from channels.telegram.setup import set_up

    settings = _telegram_settings()
    if not settings.telegram_secret or not settings.public_url.startswith("https://"):
        console.print("DALIL_TELEGRAM_SECRET and a DALIL_PUBLIC_URL that begins with https:// are needed.")
        raise typer.Exit(2)
    asyncio.run(set_up(TelegramChannel(settings).bot, settings))
    console.print("Telegram sends its updates here. `dalil doctor` looks whether they arrive.")


def _telegram_settings() -> Settings:
    settings = load_settings()
    if not settings.telegram_token:
        console.print("DALIL_TELEGRAM_TOKEN is not set: get a token from @BotFather.")
        raise typer.Exit(2)
    return settings


@desk_app.command("add-agent")
def add_agent(
    username: str,
    cell: Annotated[str, typer.Option(help="Id of the agent's cell.")],
    language: Annotated[str, typer.Option(help="Language of the agent's pages: ar, fr or en.")] = "fr",
    role: Annotated[list[str] | None, typer.Option(help="Role, as often as needed; agent if none is given.")] = None,
) -> None:
    """Add an agent; the password is asked for."""
    from bot.cases.staff import ROLES
    from bot.clock import utc_now
    from bot.store.database import open_database
    from channels.staff import accounts
    from knowledge.library import load_library

    if cell not in load_library().cells:
        console.print(f"There is no cell {cell}.")
        raise typer.Exit(2)
    roles = [known for known in ROLES if known in (role or ["agent"])]
    if len(roles) != len(role or ["agent"]):
        console.print(f"Roles are {', '.join(ROLES)}.")
        raise typer.Exit(2)
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        with open_database(load_settings()).write() as session:
            accounts.add_agent(
                session,
                username=username,
                password=password,
                cell_id=cell,
                language=language,
                now=utc_now(),
                roles=roles,
            )
    except accounts.PasswordTooShort as refusal:
        console.print(f"The password needs at least {refusal} characters.")
        raise typer.Exit(2) from None
    except accounts.UsernameInvalid:
        console.print("The user name is taken, or is not 3 to 40 small letters, digits, dots and dashes.")
        raise typer.Exit(2) from None
    console.print(f"{username} can sign in.")


def _ensure_model(settings: Settings, *, may_train: bool, force: bool = False) -> None:
    from bot.errors import ModelMissing, TrainingFailed
    from bot.model import get_model
    from bot.model import train as train_model

    try:
        path = get_model(settings)
    except ModelMissing:
        if not may_train:
            console.print("There is no model for the present data: run `make train`.")
            raise typer.Exit(3) from None
        force = True
    if force:
        console.print("Training a model, one to three minutes …")
        try:
            path = train_model(settings.models_dir, on_step=lambda step: console.print(f"      {step} …"))
        except TrainingFailed as failure:
            console.print(str(failure), markup=False, highlight=False)
            console.print("The training failed; what Rasa said stands above.")
            raise typer.Exit(1) from None
    console.print(f"Model: {path.name}")


def _print_welcome() -> None:
    from channels.staff.seed import first_password_path

    settings = load_settings()
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    console.print(f"\n[bold]Chat:[/bold] {address}/")
    console.print(f"[bold]Desk:[/bold] {address}/desk")
    path = first_password_path(settings)
    if path.exists():
        console.print(f"      user name: cell-oujda (or another cell's id), password: {path.read_text().strip()}")
        console.print(f"      (kept in {path}; delete the file once agents have accounts of their own)")
    console.print("Stop with Ctrl-C.\n")
