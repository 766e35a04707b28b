"""What a producer is told whose folder cannot be published, and when the shop is not ready."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from cli.beat_sheet import SheetError, read_folders
from cli.main import app


@pytest.fixture(scope="module")
def unmigrated_url(postgres_url: str) -> Iterator[str]:
    """A database in which there is nothing at all."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE unmigrated")
        yield make_url(postgres_url).set(database="unmigrated").render_as_string(False)
        connection.execute("DROP DATABASE unmigrated WITH (FORCE)")


def folder(parent: Path, slug: str, price: str) -> Path:
    home = parent / slug
    home.mkdir()
    (home / "master.wav").write_bytes(b"RIFF")
    sheet = f'title = "{slug}"\ngenre = "House"\nbpm = 120\nkey = "A"\nmode = "minor"\n[prices]\n'
    (home / "beat.toml").write_text(f"{sheet}WAV_LEASE = {price}\n")
    return home


@pytest.mark.parametrize("price", ['"24,99"', '"€24.99"', '""', '"1E+999999"', "nan"])
def test_a_price_that_is_none_is_told_with_its_file_beside_all_other_faults(
    tmp_path: Path, price: str
) -> None:
    homes = [folder(tmp_path, "dawn", price), folder(tmp_path, "dusk", '"no"')]
    with pytest.raises(SheetError) as refused:
        read_folders(tmp_path)
    faults = str(refused.value).splitlines()
    assert all(any(str(home) in fault for fault in faults) for home in homes)


@pytest.mark.parametrize("slug", ["genres", "Dawn", "-dawn", "dawn.", "a b"])
def test_a_folder_whose_name_can_be_no_beats_address_is_told(tmp_path: Path, slug: str) -> None:
    home = folder(tmp_path, slug, '"24.99"')
    with pytest.raises(SheetError, match="its name becomes the beat's id") as refused:
        read_folders(tmp_path)
    assert str(home) in str(refused.value)


@pytest.mark.parametrize(
    ("command", "told"),
    [(["metrics"], "Nothing counted: "), (["publish", "beats"], "Not published: ")],
)
def test_a_database_that_lacks_our_tables_is_told_in_a_sentence(
    unmigrated_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    told: str,
) -> None:
    (tmp_path / "beats").mkdir()
    folder(tmp_path / "beats", "dawn", '"24.99"')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", unmigrated_url)
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_none")
    monkeypatch.setenv("CLOUDINARY_URL", "cloudinary://key:secret@shop")
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, SystemExit)
    assert str(result.exception.code).startswith(told)
