"""Settings: what is missing is named, what is unfit is refused, all of it is documented."""

import re
from pathlib import Path

import pytest

from domain.payload_keys import KeyRing
from settings import (
    ENV_FILE_VARIABLE,
    ApiSettings,
    CloudinarySettings,
    DatabaseSettings,
    LogSettings,
    MailSettings,
    SettingsError,
    StripeSettings,
    TemporalSettings,
    WebhookSettings,
    load,
    variables,
)
from tests.rings import NEW, OLD, entries, ring

ROOT = Path(__file__).parents[2]
STRONG = "s" * 32


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL is not set"):
        load(DatabaseSettings)
    with pytest.raises(SettingsError, match=r"ALLOWED_ORIGINS is not set; GRANT_SECRETS is not"):
        load(ApiSettings)


def test_an_empty_secret_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for nothing in ("", " , "):
        monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", nothing)
        with pytest.raises(SettingsError, match="STRIPE_WEBHOOK_SECRET"):
            load(WebhookSettings)


def test_lists_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_new, whsec_old")
    assert load(WebhookSettings).stripe_webhook_secret == ["whsec_new", "whsec_old"]


def test_a_weak_grant_secret_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://shop.example")
    monkeypatch.setenv("GRANT_SECRETS", f"{STRONG},hunter2")
    with pytest.raises(SettingsError, match="GRANT_SECRETS") as refused:
        load(ApiSettings)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("key", ["sk_test_1", "rk_test_1"])
def test_production_takes_no_test_cards_and_staging_does(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("BEATLINE_ENV", "production")
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    with pytest.raises(SettingsError, match=r"test key.*BEATLINE_ENV=staging") as refused:
        load(StripeSettings)
    assert key not in str(refused.value)
    monkeypatch.setenv("BEATLINE_ENV", "staging")
    assert load(StripeSettings).stripe_secret_key == key
    assert load(LogSettings).json_logs


@pytest.mark.parametrize("place", ["staging", "production"])
def test_production_refuses_the_sandbox(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("BEATLINE_ENV", place)
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_1")
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:8003")
    monkeypatch.setenv("CLOUDINARY_URL", "cloudinary://a:b@c?upload_prefix=http://127.0.0.1:8004")
    with pytest.raises(SettingsError, match="STRIPE_API_BASE"):
        load(StripeSettings)
    with pytest.raises(SettingsError, match="CLOUDINARY_URL"):
        load(CloudinarySettings)


def test_mail_needs_a_server_that_can_be_read_and_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(MailSettings).smtp_server is None
    monkeypatch.setenv("SMTP_URL", "smtp://shop:hunter2@mail.example:465/inbox")
    monkeypatch.setenv("MAIL_FROM", "nobody")
    with pytest.raises(SettingsError, match=r"^SMTP_URL: .*; MAIL_FROM: it is no mail") as refused:
        load(MailSettings)
    assert "hunter2" not in str(refused.value)
    monkeypatch.setenv("SMTP_URL", "smtp://shop:hunter2@mail.example")
    monkeypatch.delenv("MAIL_FROM")
    with pytest.raises(SettingsError, match="MAIL_FROM is not set"):
        load(MailSettings)
    monkeypatch.setenv("MAIL_FROM", "receipts@größe.example")
    settings = load(MailSettings)
    assert settings.smtp_server is not None
    assert settings.mail_from == "receipts@xn--gre-6ka8i.example"
    assert settings.shop_name == "Beatline"


def test_every_variable_reaches_the_containers_that_read_it() -> None:
    words = set(re.findall(r"[A-Z][A-Z_]+", (ROOT / "docker-compose.yml").read_text("utf-8")))
    of_the_sandbox, of_the_image = {"STRIPE_API_BASE"}, {"API_HOST", "API_PORT"}
    assert variables() - words == of_the_sandbox | of_the_image


def test_production_says_whether_it_encrypts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    assert load(TemporalSettings).payload_keys == KeyRing()
    monkeypatch.setenv("BEATLINE_ENV", "production")
    for nothing in (None, ""):
        if nothing is not None:
            monkeypatch.setenv("PAYLOAD_KEYS", nothing)
        with pytest.raises(SettingsError, match="PAYLOAD_KEYS is not set"):
            load(TemporalSettings)
    monkeypatch.setenv("PAYLOAD_KEYS", "off")
    assert load(TemporalSettings).payload_keys == KeyRing()
    monkeypatch.setenv("PAYLOAD_KEYS", entries(NEW, OLD))
    assert load(TemporalSettings).payload_keys == ring(NEW, OLD)


def test_an_unfit_payload_key_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    monkeypatch.setenv("PAYLOAD_KEYS", "one:aHVudGVyMg==")
    with pytest.raises(SettingsError, match="PAYLOAD_KEYS: the key one has 7 bytes") as refused:
        load(TemporalSettings)
    assert "aHVu" not in str(refused.value)


@pytest.mark.parametrize("document", [".env.example", "README.md"])
def test_every_variable_is_documented(document: str) -> None:
    words = set(re.findall(r"[A-Z][A-Z_]+", (ROOT / document).read_text("utf-8")))
    by_the_environment_alone = {ENV_FILE_VARIABLE, "BEATLINE_OPERATOR"}
    assert (variables() | by_the_environment_alone) - words == set()


@pytest.mark.parametrize(
    ("proxies", "is_sound"),
    [
        ("10.0.0.1, 10.1.0.0/16, fd00::/8", True),
        ("", True),
        ("*", False),
        ("10.0.0.1/8", False),  # which no address would match
        ("10.0.0.0/33", False),
        ("proxy.internal", False),
    ],
)
def test_proxies_are_trusted_by_their_addresses_alone(
    monkeypatch: pytest.MonkeyPatch, proxies: str, is_sound: bool
) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://shop.example")
    monkeypatch.setenv("GRANT_SECRETS", STRONG)
    monkeypatch.setenv("TRUSTED_PROXIES", proxies)
    if is_sound:
        load(ApiSettings)
    else:
        with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
            load(ApiSettings)


def test_a_site_in_letters_is_asked_for_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://größer.example")
    monkeypatch.setenv("GRANT_SECRETS", STRONG)
    with pytest.raises(SettingsError, match="xn--"):
        load(ApiSettings)
