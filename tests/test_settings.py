"""Settings: the environment over the file, twins for secrets, faults that name themselves, and a live part."""

import json
from pathlib import Path

import pytest

from modelhall.domain.errors import SetupError
from modelhall.domain.people import Role
from modelhall.settings import LIVE, Settings, load_settings, reload_live, variable_of


def test_the_command_line_is_over_the_environment_is_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "modelhall.toml").write_text('port = 1111\nhost = "127.0.0.2"\nlog_level = "debug"\n')
    settings = load_settings({"MODELHALL_PORT": "2222", "MODELHALL_LOG_LEVEL": "error"}, data=tmp_path, log_level=None)
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.2", 2222, "error")
    assert load_settings({"MODELHALL_PORT": "2222"}, data=tmp_path, port=3333).port == 3333


def test_every_variable_has_a_file_twin(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql://u:p@h/d\n")
    settings = load_settings({"DATABASE_URL_FILE": str(secret)}, data=tmp_path)
    assert settings.database_url == "postgresql://u:p@h/d"
    assert "postgresql" not in repr(settings)
    with pytest.raises(SetupError, match="MODELHALL_HOST_FILE cannot be read"):
        load_settings({"MODELHALL_HOST_FILE": str(tmp_path / "absent")}, data=tmp_path)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("port = 99999", "port"),
        ('durability = "maybe"', "durability"),
        ("prot = 1", "prot"),
        ("port =", "modelhall.toml"),
    ],
)
def test_a_fault_names_its_setting(tmp_path: Path, content: str, named: str) -> None:
    (tmp_path / "modelhall.toml").write_text(content)
    with pytest.raises(SetupError, match=named):
        load_settings({}, data=tmp_path)


def test_only_live_settings_change_while_the_process_runs(tmp_path: Path) -> None:
    file = tmp_path / "modelhall.toml"
    settings = load_settings({}, data=tmp_path)
    file.write_text('port = 9\ncors_origins = ["https://a.example"]\ntotal_seconds = 5\n')
    fresh = reload_live(settings, {})
    assert (fresh.port, fresh.cors_origins, fresh.bounds().deadlines.total) == (8400, ("https://a.example",), 5)
    file.write_text("total_seconds = -5")
    with pytest.raises(SetupError, match="total_seconds"):
        reload_live(fresh, {})
    file.unlink()
    assert reload_live(fresh, {}).cors_origins == ()


def test_names_that_others_build_on() -> None:
    assert variable_of("database_url") == "DATABASE_URL"
    assert variable_of("valkey_url") == "VALKEY_URL"
    assert {variable_of(name) for name in ("data", "host", "port", "master_key", "durability", "admin_email")} == {
        "MODELHALL_DATA",
        "MODELHALL_HOST",
        "MODELHALL_PORT",
        "MODELHALL_MASTER_KEY",
        "MODELHALL_DURABILITY",
        "MODELHALL_ADMIN_EMAIL",
    }
    assert {"log_level", "cors_origins"} < LIVE
    assert "port" not in LIVE
    assert all(field.description for field in Settings.model_fields.values())


SIGN_IN = {"id": "corp", "issuer": "https://login.example", "client_id": "hall", "client_secret": "env:SECRET"}
PUBLIC = {"MODELHALL_PUBLIC_URL": "https://models.example/hall/"}


def test_sign_in_providers_come_from_the_file_or_as_json(tmp_path: Path) -> None:
    (tmp_path / "modelhall.toml").write_text(
        'public_url = "https://models.example"\n[[sign_in]]\nid = "corp"\nissuer = "https://login.example"\n'
        'client_id = "hall"\nauto_create = true\nrole_claim = "groups"\nroles = { staff = "member" }\n'
    )
    provider = load_settings({}, data=tmp_path).signing_in().providers["corp"]
    assert (provider.name, provider.role_of({"groups": ["staff"]}), provider.role_of({})) == ("corp", Role.MEMBER, None)
    settings = load_settings(PUBLIC | {"MODELHALL_SIGN_IN": json.dumps([SIGN_IN | {"name": "Corp"}])}, data=tmp_path)
    assert settings.signing_in().public_url == "https://models.example/hall"
    assert settings.signing_in().providers["corp"].name == "Corp"
    again = Settings.model_validate_json(settings.model_dump_json(exclude_unset=True))
    assert again.signing_in() == settings.signing_in()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": "Corp Inc"}, "id"),
        ({"issuer": "http://login.example"}, "https://"),
        ({"issuer": "https://login.example?x=1"}, "issuer"),
        ({"issuer": "http://127.0.0.1.evil.example"}, "https://"),
        ({"client_secret": "the-secret-itself"}, "client_secret"),
        ({"audience": "hall"}, "audience"),
        ({"auto_create": True}, "auto_create"),
        ({"roles": {"staff": "member"}}, "role_claim"),
        ({"role_claim": "groups", "roles": {"staff": "king"}}, "roles"),
        ({"organisation_claim": "unit"}, "organisations"),
        ({"scopes": ["profile"]}, "openid"),
        ({"sekret": "x"}, "sekret"),
    ],
)
def test_a_provider_that_makes_no_sense_is_refused(tmp_path: Path, change: dict[str, object], named: str) -> None:
    with pytest.raises(SetupError, match=named) as refused:
        load_settings(PUBLIC | {"MODELHALL_SIGN_IN": json.dumps([SIGN_IN | change])}, data=tmp_path)
    assert "the-secret-itself" not in str(refused.value)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"MODELHALL_SIGN_IN": json.dumps([SIGN_IN])}, "public_url"),
        (PUBLIC | {"MODELHALL_SIGN_IN": json.dumps([SIGN_IN, SIGN_IN])}, "same id"),
        (PUBLIC | {"MODELHALL_SIGN_IN": "not JSON"}, "sign_in"),
        ({"MODELHALL_PUBLIC_URL": "models.example"}, "public_url"),
        ({"MODELHALL_PUBLIC_URL": "https://models.example/?x"}, "public_url"),
        ({"MODELHALL_PUBLIC_URL": "https://user@models.example"}, "public_url"),
        ({"MODELHALL_TRUSTED_PROXIES": "10.0.0.1, proxy.example"}, "trusted_proxies"),
        ({"MODELHALL_TLS_KEY": "key.pem"}, "tls_cert"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(tmp_path: Path, environ: dict[str, str], named: str) -> None:
    with pytest.raises(SetupError, match=named):
        load_settings(environ, data=tmp_path)
