"""Which assets there are, as the official library asks by their public ids; and losing them."""

from collections.abc import Iterator
from uuid import uuid4

import cloudinary.api
import cloudinary.uploader
import httpx
import pytest
from cloudinary.exceptions import AuthorizationRequired, BadRequest

from tests.sandbox.cloudinary.conftest import CREDENTIALS, Emulator

PATH = f"/v1_1/{CREDENTIALS.cloud}/resources/raw/authenticated"
LOGIN = (CREDENTIALS.api_key, CREDENTIALS.api_secret)


@pytest.fixture
def stored(emulator: Emulator) -> Iterator[list[str]]:
    """The names of two sold files."""
    names = [f"beats/{uuid4().hex}/nächte = 夜.zip" for _ in range(2)]
    for name in names:
        emulator.upload(b"PK", public_id=name, resource_type="raw", type="authenticated")
    yield names
    for name in names:
        cloudinary.uploader.destroy(name, resource_type="raw", type="authenticated")


def listed(*public_ids: str, resource_type: str = "raw", type: str = "authenticated") -> list[str]:  # noqa: A002
    answer = cloudinary.api.resources_by_ids(
        list(public_ids), resource_type=resource_type, type=type
    )
    return [each["public_id"] for each in answer["resources"]]


def test_those_that_are_there_are_listed_once_each(stored: list[str]) -> None:
    first, second = stored
    assert sorted(listed(first, "nowhere", second, first)) == sorted(stored)
    assert listed("nowhere") == []


def test_an_asset_is_listed_as_it_is_described_alone(stored: list[str]) -> None:
    kind = {"resource_type": "raw", "type": "authenticated"}
    (found,) = cloudinary.api.resources_by_ids(stored[:1], **kind)["resources"]
    assert found == dict(cloudinary.api.resource(stored[0], **kind))


def test_assets_of_another_kind_or_access_are_not_listed(stored: list[str]) -> None:
    assert listed(*stored, resource_type="video") == []
    assert listed(*stored, type="upload") == []


def test_a_deleted_asset_is_not_listed(stored: list[str], http: httpx.Client) -> None:
    lost, kept = stored
    assert http.post("/_emulator/delete", json={"public_id": lost}).json() == {"deleted": 1}
    assert listed(*stored) == [kept]
    cloudinary.uploader.destroy(kept, resource_type="raw", type="authenticated")
    assert listed(*stored) == []
    assert http.post("/_emulator/delete", json={"public_id": lost}).json() == {"deleted": 0}


def test_what_to_delete_must_be_named(http: httpx.Client) -> None:
    assert http.post("/_emulator/delete", json={}).status_code == 400


def test_a_hundred_at_once_are_the_most(emulator: Emulator) -> None:
    assert listed(*(f"nowhere/{number}" for number in range(100))) == []
    for count in (0, 101):
        with pytest.raises(BadRequest, match="1 to 100"):
            listed(*(f"nowhere/{number}" for number in range(count)))


def test_nobody_lists_without_the_key_pair(emulator: Emulator, http: httpx.Client) -> None:
    with pytest.raises(AuthorizationRequired):
        cloudinary.api.resources_by_ids(["a"], api_secret="guessed")
    assert http.get(PATH, params={"public_ids[]": "a"}).status_code == 401


@pytest.mark.parametrize("name", ["prefix", "max_results", "tags"])
def test_other_questions_are_refused_by_name(
    emulator: Emulator, http: httpx.Client, name: str
) -> None:
    asked = http.get(PATH, params={"public_ids[]": "a", name: "1"}, auth=LOGIN)
    assert asked.status_code == 400
    assert name in asked.json()["error"]["message"]
