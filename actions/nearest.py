"""From a place to the nearest cell, in words."""

from actions import showing
from bot.cases.routing import Route, distance_km, nearest_cell
from bot.languages import AnswerLanguage
from bot.settings import load_settings
from knowledge.library import format_number, load_library
from knowledge.model import Cell, Place

_MOST_PARTNERS = 3


def find_route(place: Place) -> Route[Cell]:
    """The nearest routable cell; raises NoCellAvailable."""
    return nearest_cell(
        load_library().routable_cells,
        latitude=place.latitude,
        longitude=place.longitude,
        remote_beyond_km=load_settings().remote_cell_km,
    )


def route_words(route: Route[Cell], language: AnswerLanguage) -> dict[str, str]:
    """The values that the responses about a cell name."""
    library = load_library()
    communes = [place for place in library.places.values() if place.name["fr"] == route.cell.commune]
    commune = communes[0].name[language] if communes else route.cell.commune
    words, distance = showing.labels(language), round(route.distance_km)
    whereabouts = words.format(
        "at_distance" if distance else "in_commune", commune=commune, distance=format_number(distance, language)
    )
    return {"cell": route.cell.name[language], "whereabouts": whereabouts, "hours": route.cell.hours[language]}


def partners_near(place: Place, language: AnswerLanguage) -> str:
    """Partners that do not take cases but are close, one a line, with the telephone where it may be published."""
    near = sorted(
        (
            (distance, cell)
            for cell in load_library().cells.values()
            if not cell.takes_cases and cell.latitude is not None
            for distance in [distance_km(cell, latitude=place.latitude, longitude=place.longitude)]
            if distance <= load_settings().remote_cell_km
        ),
        key=lambda item: item[0],
    )[:_MOST_PARTNERS]
    return "\n".join(
        f"- {cell.name[language]}" + (f" ({', '.join(cell.phones)})" if cell.phones else "") for _, cell in near
    )
