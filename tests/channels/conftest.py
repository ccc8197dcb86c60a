import pytest
from starlette.testclient import TestClient

from tests.fixtures.house import TestHouse, build_test_house


@pytest.fixture
def house(settings, database) -> TestHouse:
    return build_test_house(settings, database)


@pytest.fixture
def client(house) -> TestClient:
    return TestClient(house.app, follow_redirects=False)
