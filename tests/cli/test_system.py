"""What a system is made of, for callers with and without servers of their own."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from cli import parts
from cli.ports import Ports
from cli.state import Secrets, load_secrets
from cli.system import System, plan
from sandbox.process import ProcessError
from tests.rings import NEW, entries

OUTSIDE = {
    "DATABASE_URL": "postgresql://shop:hidden@db.example/shop",
    "TEMPORAL_ADDRESS": "temporal.example:7233",
    "TEMPORAL_API_KEY": "key",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "CLOUDINARY_URL": "cloudinary://1:2@cloud",
    "SMTP_URL": "smtp://mail.example:25",
}


def planned(caller: Mapping[str, str], demo_beats: bool = True) -> System:
    return plan(Path("/data"), Ports.starting_at(9000), Secrets.new(), caller, demo_beats)


def names(system: System) -> list[str]:
    return [part.name for part in parts.parts(system)]


def test_by_default_everything_is_embedded(tmp_path: Path) -> None:
    system = plan(tmp_path, Ports.starting_at(9000), Secrets.new(), {})
    assert names(system) == [
        "postgres",
        "temporal",
        "stripe",
        "cloudinary",
        "mailbox",
        "migrate",
        "setup",
        "beats",
        "publish",
        "api",
        "worker",
    ]
    environment = system.environment()
    assert environment["STRIPE_API_BASE"] == "http://127.0.0.1:9003"
    assert environment["CLOUDINARY_URL"].endswith(
        "@beatline-sandbox?upload_prefix=http://127.0.0.1:9004"
    )
    assert environment["SMTP_URL"] == "smtp://127.0.0.1:9006"
    assert environment["ALLOWED_ORIGINS"].split(",") == [
        "http://127.0.0.1:9000",
        "http://localhost:9000",
        "http://localhost:5173",
        "http://127.0.0.1:5173",
    ]


def test_what_the_caller_names_takes_the_place_of_what_is_embedded() -> None:
    system = planned(OUTSIDE)
    assert names(system) == ["migrate", "setup", "api", "worker"]
    assert system.wanted_ports == {"api"}
    environment = system.environment()
    assert OUTSIDE.items() <= environment.items()
    assert "STRIPE_API_BASE" not in environment
    addresses = system.addresses()
    assert (addresses.temporal_ui, addresses.mailbox) == (None, None)
    assert addresses.cloudinary == "cloudinary://cloud"


def test_the_embedded_ui_gets_a_codec_server_where_payloads_are_encrypted(tmp_path: Path) -> None:
    encrypted = {"PAYLOAD_KEYS": entries(NEW)}
    system = plan(tmp_path, Ports.starting_at(9000), Secrets.new(), encrypted)
    by_name = {part.name: part for part in parts.parts(system)}
    assert by_name["codec"].environment["CODEC_PORT"] == "9008"
    assert by_name["codec"].environment["CODEC_HOST"] == "127.0.0.1"
    assert "http://127.0.0.1:9008" in by_name["temporal"].command
    assert {"PAYLOAD_KEYS": entries(NEW)}.items() <= by_name["worker"].environment.items()
    assert "codec" in system.wanted_ports
    assert system.addresses().codec == "http://127.0.0.1:9008"
    for plain in ({}, {"PAYLOAD_KEYS": "off"}, encrypted | OUTSIDE):
        assert "codec" not in names(planned(plain))


@pytest.mark.parametrize("variable", ["DATABASE_URL", "CLOUDINARY_URL"])
def test_demo_beats_stay_in_the_sandbox(variable: str) -> None:
    assert planned({}).publishes_beats
    assert not planned({}, demo_beats=False).publishes_beats
    assert not planned({variable: OUTSIDE[variable]}).publishes_beats


def test_half_a_stripe_is_refused() -> None:
    with pytest.raises(ProcessError, match="both STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET"):
        planned({"STRIPE_SECRET_KEY": "sk_test_1"})


@pytest.mark.parametrize("place", ["production", "staging"])
def test_production_is_made_of_no_part_of_a_sandbox(place: str) -> None:
    outside = OUTSIDE | {"GRANT_SECRETS": "mine", "PUBLIC_URL": "https://api.example"}
    whole = {"BEATLINE_ENV": place, "STRIPE_WEBHOOK_SECRET": "whsec_1"} | outside
    assert planned(whole).embedded == []
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "CLOUDINARY_URL", "SMTP_URL", "PUBLIC_URL"):
        with pytest.raises(ProcessError, match=rf"{place} takes no part of a sandbox: set {name}$"):
            planned(whole | {name: ""})


def test_what_belongs_to_the_callers_own_servers_does_not_reach_embedded_ones() -> None:
    caller = {
        "TEMPORAL_API_KEY": "key",
        "TEMPORAL_PROFILE": "cloud",
        "TEMPORAL_TASK_QUEUE": "orders",
        "DATABASE_REPLICA_URL": "postgresql://replica.example/shop",
        "DATABASE_URL": "",
        "PGSSLMODE": "verify-full",
        "GRANT_SECRETS": "mine",
    }
    environment = planned(caller).environment()
    unwanted = {"TEMPORAL_API_KEY", "TEMPORAL_PROFILE", "DATABASE_REPLICA_URL", "PGSSLMODE"}
    assert not unwanted & environment.keys()
    assert environment["TEMPORAL_TASK_QUEUE"] == "orders"
    assert environment["GRANT_SECRETS"] == "mine"
    assert environment["DATABASE_URL"].startswith("postgresql://beatline:")


def test_secrets_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    assert load_secrets(tmp_path) == secrets
    assert secrets.stripe_secret_key.startswith("sk_test_")
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
