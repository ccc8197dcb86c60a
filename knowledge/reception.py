"""The cells as they receive people today: what is published about them, and what they have set at the desk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from bot.cases import cell_queries, repository
from bot.cases.cells import Absence, CellSettings
from bot.cases.office_hours import OfficeHours, Week
from bot.cases.routing import Candidate, Need, Route, choose_cell
from bot.cases.sla import Terms
from bot.settings import Settings
from knowledge.calendar import Calendar, load_calendar, read_week
from knowledge.library import Library
from knowledge.model import Cell, Place


@dataclass(frozen=True)
class Reception:
    """One cell today. ``are_hours_confirmed`` is false while the hours are those assumed for every administration."""

    cell: Cell
    settings: CellSettings | None
    hours: OfficeHours
    load: int

    @property
    def are_hours_confirmed(self) -> bool:
        """Whether somebody of the cell has confirmed its hours."""
        return self.settings is not None and self.settings.hours_confirmed_at is not None

    def candidate(self) -> Candidate[Cell]:
        """The cell as routing sees it."""
        own = self.settings
        return Candidate(
            cell=self.cell,
            hours=self.hours,
            topics=frozenset(own.topics if own else ()),
            languages=frozenset(own.languages if own else ()),
            load=self.load,
            capacity=own.capacity if own else 0,
            is_accepting=own.is_accepting if own else True,
        )


def list_receptions(session: Session, library: Library, now: datetime) -> list[Reception]:
    """Every cell that can take cases, as it is today."""
    settings = {row.cell_id: row for row in cell_queries.list_settings(session)}
    absences = cell_queries.list_absences(session, from_day=now.date() - timedelta(days=400))
    agents = cell_queries.list_active_agents(session)
    load = repository.load_by_cell(session)
    return [
        Reception(
            cell=cell,
            settings=settings.get(cell.id),
            hours=hours_of(
                settings.get(cell.id),
                closed=closed_days([row for row in absences if row.cell_id == cell.id], agents.get(cell.id, set())),
                now=now,
            ),
            load=load.get(cell.id, 0),
        )
        for cell in library.routable_cells
    ]


def get_reception(session: Session, cell: Cell, now: datetime) -> Reception:
    """One cell as it is today."""
    settings = cell_queries.find_settings(session, cell.id)
    absences = cell_queries.list_absences(session, from_day=now.date() - timedelta(days=400), cell_id=cell.id)
    agents = cell_queries.list_active_agents(session).get(cell.id, set())
    hours = hours_of(settings, closed=closed_days(absences, agents), now=now)
    return Reception(cell, settings, hours, load=0)


def hours_of(
    settings: CellSettings | None, *, closed: frozenset[date], now: datetime, calendar: Calendar | None = None
) -> OfficeHours:
    """Office hours from a cell's own settings, or from the calendar of all administrations."""
    known = calendar or load_calendar()
    week = read_week(settings.week) if settings and settings.week else known.week
    ramadan = read_week(settings.ramadan_week) if settings and settings.ramadan_week else _in_ramadan(week, known)
    keeps_holidays = settings is None or settings.keeps_holidays
    days_off = known.days_off(now.year - 1, now.year + 2) if keeps_holidays else frozenset()
    return OfficeHours(
        week=week,
        seasons=known.seasons(ramadan),
        closed_days=closed | days_off,
    )


def _in_ramadan(week: Week, calendar: Calendar) -> Week:
    """The hours of Ramadan on the days on which a cell opens; a day on which only this cell opens stays as it is."""
    return {day: calendar.ramadan_week.get(day) or spans for day, spans in week.items() if spans}


def closed_days(absences: Iterable[Absence], agents: set[str]) -> frozenset[date]:
    """Days on which a cell is closed, or on which all its agents are away."""
    rows = list(absences)
    closed = {day for row in rows if row.agent_id is None for day in _days(row)}
    if agents:
        away: dict[date, set[str]] = {}
        for row in rows:
            if row.agent_id in agents:
                for day in _days(row):
                    away.setdefault(day, set()).add(row.agent_id)
        closed |= {day for day, who in away.items() if who >= agents}
    return frozenset(closed)


def terms_of(session: Session, library: Library, settings: Settings, now: datetime) -> Callable[[str], Terms]:
    """What each cell owes a person, looked up once a transaction."""
    known: dict[str, Terms] = {}

    def find(cell_id: str) -> Terms:
        if cell_id not in known:
            cell = library.cells.get(cell_id)
            hours = get_reception(session, cell, now).hours if cell else load_hours(now)
            known[cell_id] = Terms(
                hours=hours,
                first_reply=timedelta(hours=settings.first_reply_hours),
                urgent_reply=timedelta(hours=settings.urgent_reply_hours),
                resolution=timedelta(hours=settings.resolution_hours),
            )
        return known[cell_id]

    return find


def load_hours(now: datetime) -> OfficeHours:
    """The hours of an administration of which nothing else is known."""
    return hours_of(None, closed=frozenset(), now=now)


def choose_for(
    receptions: Iterable[Reception],
    library: Library,
    place: Place,
    *,
    topic: str,
    language: str,
    is_urgent: bool,
    remote_beyond_km: float,
    now: datetime,
) -> Route[Cell]:
    """The cell for a case from a commune; raises NoCellAvailable."""
    need = Need(
        latitude=place.latitude,
        longitude=place.longitude,
        province=provinces(library).get(place.name["fr"], ""),
        region=place.region,
        topic=topic,
        language=language,
        is_urgent=is_urgent,
    )
    candidates = [reception.candidate() for reception in receptions]
    return choose_cell(candidates, need, remote_beyond_km=remote_beyond_km, now=now)


def provinces(library: Library) -> Mapping[str, str]:
    """The province of each commune that has a cell or partner."""
    return {cell.commune: cell.province for cell in library.cells.values() if cell.commune and cell.province}


def _days(absence: Absence) -> Iterable[date]:
    return (
        absence.first_day + timedelta(days=number) for number in range((absence.last_day - absence.first_day).days + 1)
    )
