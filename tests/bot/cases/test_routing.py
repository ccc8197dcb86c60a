from dataclasses import dataclass

import pytest

from bot.cases.routing import nearest_cell
from bot.errors import NoCellAvailable


@dataclass
class FakeCell:
    id: str
    latitude: float | None = 34.0
    longitude: float | None = -2.0
    is_routable: bool = True


def test_the_nearest_routable_cell_takes_the_case():
    near, far = FakeCell("near", 34.7, -1.9), FakeCell("far", 32.1, -1.2)
    route = nearest_cell([far, near], latitude=34.68, longitude=-1.9, remote_beyond_km=100)
    assert route.cell is near
    assert route.distance_km == pytest.approx(2.2, abs=0.2)
    assert not route.is_remote


def test_a_cell_without_a_known_place_is_never_routed_to():
    nowhere = FakeCell("nowhere", None, None, is_routable=False)
    far = FakeCell("far", 30.0, -9.5)
    route = nearest_cell([nowhere, far], latitude=34.68, longitude=-1.9, remote_beyond_km=100)
    assert route.cell is far
    assert route.is_remote


def test_no_cell_at_all_is_a_typed_refusal():
    with pytest.raises(NoCellAvailable):
        nearest_cell([FakeCell("a", is_routable=False)], latitude=34.0, longitude=-2.0, remote_beyond_km=100)


@pytest.mark.parametrize(
    ("place_id", "cell_id"),
    [
        ("oujda", "cell-oujda"),
        ("nador", "cell-nador"),
        ("berkane", "cell-berkane"),
        ("figuig", "cell-figuig"),
        ("jerada", "cell-oujda"),
        ("zaio", "cell-nador"),
        ("taourirt", "cell-guercif"),
    ],
)
def test_communes_of_the_oriental_reach_their_cell(library, place_id, cell_id):
    place = library.places[place_id]
    route = nearest_cell(
        library.routable_cells, latitude=place.latitude, longitude=place.longitude, remote_beyond_km=100
    )
    assert route.cell.id == cell_id


def test_casablanca_is_remote_from_every_cell(library):
    place = library.places["casablanca"]
    route = nearest_cell(
        library.routable_cells, latitude=place.latitude, longitude=place.longitude, remote_beyond_km=100
    )
    assert route.is_remote
