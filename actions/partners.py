"""Who helps further: the partners of an article, the nearest of them, and partners near a place."""

from collections.abc import Iterable

from rasa_sdk.executor import CollectingDispatcher

from actions import showing
from actions.nearest import cell_words, find_route, route_words
from bot.cases.routing import distance_km
from bot.clock import utc_now
from bot.errors import NoCellAvailable
from bot.languages import AnswerLanguage
from bot.settings import load_settings
from knowledge.library import Library, keep_numbers_in_order, load_library
from knowledge.model import Article, Cell, Place
from knowledge.telephones import normal_form, read_telephones, written

_MOST = 3


def utter_nearest(dispatcher: CollectingDispatcher, place: Place, language: AnswerLanguage) -> None:
    """Tell the nearest reception cell; where it is far, also partners that are nearer."""
    try:
        route, _ = find_route(place, now=utc_now(), language=language)
    except NoCellAvailable:
        dispatcher.utter_message(response="utter_no_cell")
        return
    dispatcher.utter_message(response="utter_nearest_cell", **route_words(route, language))
    partners = partners_near(place, language) if route.is_remote else ""
    if partners:
        dispatcher.utter_message(text=showing.labels(language).format("nearer_partners", partners=partners))


def help_further(library: Library, article: Article, place: Place | None, language: AnswerLanguage) -> str:
    """Who can help with an article, and the nearest of them if the place is known. Short: it is read on a phone."""
    words = showing.labels(language)
    names = library.partner_names(article, language)[:_MOST]
    if not names:
        return ""
    said = words.format("help_further", names=words["between_names"].join(names))
    near = _by_distance(library.partner_cells(article), place)[:1] if place else []
    for distance, cell in near:
        nearest = words.format("nearest_partner", **cell_words(cell, distance, language))
        said = " ".join(part for part in (said, nearest, telephone(cell, language)) if part)
    return said


def partners_near(place: Place, language: AnswerLanguage) -> str:
    """Partners that do not take cases but are close, one a line, with the telephone where it may be published."""
    partners = [cell for cell in load_library().cells.values() if not cell.takes_cases]
    return "\n".join(
        " ".join(part for part in (f"- {cell.name[language]}.", telephone(cell, language)) if part)
        for _, cell in _by_distance(partners, place)[:_MOST]
    )


def telephone(cell: Cell, language: AnswerLanguage) -> str:
    """A cell's first telephone that may be given, and how old the number is; "" if there is none."""
    words, known = showing.labels(language), read_telephones()
    for phone in cell.phones:
        number = known.get(normal_form(phone))
        if number is not None and number.is_given:
            seen = showing.part_of_day(number.seen, language)
            since = words.format("phone_of", seen=seen) if seen else words["phone_undated"]
            said = words.format("phone", phone=written(number.number), since=since)
            return keep_numbers_in_order(said) if language == "ar" else said
    return ""


def _by_distance(cells: Iterable[Cell], place: Place) -> list[tuple[float, Cell]]:
    """The cells within reach, the nearest first."""
    measured = [
        (distance_km(cell, latitude=place.latitude, longitude=place.longitude), cell)
        for cell in cells
        if cell.latitude is not None
    ]
    within = [pair for pair in measured if pair[0] <= load_settings().remote_cell_km]
    return sorted(within, key=lambda pair: pair[0])
