import pytest

from knowledge.places import nearest_place


@pytest.mark.parametrize(
    ("latitude", "longitude", "place_id"),
    [(34.69, -1.91, "oujda"), (35.17, -2.93, "nador"), (33.59, -7.61, "casablanca"), (30.03, -9.55, "belfaa")],
)
def test_a_pin_becomes_its_commune(library, latitude, longitude, place_id):
    assert nearest_place(library.places.values(), latitude=latitude, longitude=longitude).id == place_id


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(36.5, -12.0), (48.85, 2.35), (0.0, 0.0), (91.0, 0.0), (0.0, 181.0)]
)
def test_a_pin_at_sea_abroad_or_impossible_is_no_place(library, latitude, longitude):
    assert nearest_place(library.places.values(), latitude=latitude, longitude=longitude) is None
