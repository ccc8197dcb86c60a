"""From a place to the cell that takes a case, in words."""

from datetime import datetime, timedelta

from babel.dates import format_date, format_time

from actions import showing
from bot.cases.office_hours import OfficeHours
from bot.cases.routing import Route
from bot.clock import MOROCCO
from bot.languages import AnswerLanguage
from bot.settings import load_settings
from bot.store.database import database
from knowledge.library import format_number, load_library
from knowledge.model import Cell, Place
from knowledge.reception import choose_for, list_receptions


def find_route(
    place: Place, *, now: datetime, topic: str = "", language: str = "", is_urgent: bool = False
) -> tuple[Route[Cell], OfficeHours]:
    """The cell that takes a case from this commune, and its hours; raises NoCellAvailable."""
    library = load_library()
    with database().read() as session:
        receptions = list_receptions(session, library, now)
    route = choose_for(
        receptions,
        library,
        place,
        topic=topic,
        language=language,
        is_urgent=is_urgent,
        remote_beyond_km=load_settings().remote_cell_km,
        now=now,
    )
    return route, next(reception.hours for reception in receptions if reception.cell.id == route.cell.id)


def route_words(route: Route[Cell], language: AnswerLanguage) -> dict[str, str]:
    """The values that the responses about a cell name."""
    return {**cell_words(route.cell, route.distance_km, language), "hours": route.cell.hours[language]}


def cell_words(cell: Cell, distance_km: float, language: AnswerLanguage) -> dict[str, str]:
    """A cell's name and whereabouts."""
    library = load_library()
    communes = [place for place in library.places.values() if place.name["fr"] == cell.commune]
    commune = communes[0].name[language] if communes else cell.commune
    words, distance = showing.labels(language), round(distance_km)
    whereabouts = words.format(
        "at_distance" if distance else "in_commune", commune=commune, distance=format_number(distance, language)
    )
    return {"cell": cell.name[language], "whereabouts": whereabouts}


def expected_reply(hours: OfficeHours, language: AnswerLanguage, *, is_urgent: bool, now: datetime) -> str:
    """When the person can expect to hear from the cell, in local words: "tomorrow by 10:30"."""
    settings = load_settings()
    due = hours.add(now, timedelta(hours=settings.urgent_reply_hours if is_urgent else settings.first_reply_hours))
    words = showing.labels(language)
    if due is None:
        return words["reply_some_day"]
    local, today = due.astimezone(MOROCCO), now.astimezone(MOROCCO).date()
    locale = showing.LOCALES[language]
    time = format_time(local, format="HH:mm", locale=locale, tzinfo=MOROCCO)
    days = (local.date() - today).days
    if days <= 1:
        return words.format("reply_tomorrow" if days else "reply_today", time=time)
    day = format_date(local.date(), format="EEEE d MMMM", locale=locale)
    return words.format("reply_on_day", day=day, time=time)
