"""The configuration: what it makes, and what it refuses in one line."""

import stat
from pathlib import Path

import pytest

from webapp.config import BadConfiguration, checked_url, load_config

KEYS = "main:" + "A" * 43 + "="


def production(var: Path, **changes: str) -> dict[str, str]:
    """A complete environment of production, with some of it changed."""
    return {
        "SALESFLOW_ENV": "production",
        "SALESFLOW_VAR": str(var),
        "DATABASE_URL": "postgresql://sales:pw@db.example/sales",
        "SALESFLOW_SECRET_KEY": "s" * 40,
        "SALESFLOW_PASSWORD_SALT": "p" * 40,
        "SALESFLOW_TOTP_SECRET": "t" * 40,
        "SALESFLOW_KEYS": KEYS,
        "SALESFLOW_AUDIT_KEY": "a" * 40,
        **changes,
    }


def test_the_demo_makes_secrets_once_and_for_its_own_eyes(tmp_path: Path) -> None:
    environ = {"SALESFLOW_VAR": str(tmp_path / "var"), "DATABASE_URL": "postgresql:///x"}
    first, second = load_config(environ), load_config(environ)
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert len({first["SECRET_KEY"], first["SECURITY_PASSWORD_SALT"], first["SALESFLOW_KEYS"]}) == 3
    kept = sorted((tmp_path / "var" / "secrets").iterdir())
    assert [file.name for file in kept] == ["audit_key", "keys", "password_salt", "secret_key", "totp_secret"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}


def test_production_takes_everything_from_the_environment(tmp_path: Path) -> None:
    config = load_config(production(tmp_path))
    assert config["DEMO"] is False
    assert config["SESSION_COOKIE_SECURE"] is True
    assert config["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://sales:pw@db.example/sales"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"SALESFLOW_SECRET_KEY": ""}, "SALESFLOW_SECRET_KEY is not set"),
        ({"SALESFLOW_PASSWORD_SALT": "short"}, "SALESFLOW_PASSWORD_SALT is shorter than 32 characters"),
        ({"SALESFLOW_KEYS": "k" * 40}, "keys are written as id:base64"),
        ({"SALESFLOW_KEYS": "demo:" + "A" * 43 + "="}, "holds the demo's key"),
        ({"DATABASE_URL": "mysql://db/sales"}, "runs on PostgreSQL only"),
        ({"DATABASE_URL": "nonsense"}, "is no address like"),
        ({"DATABASE_URL": "postgresql://db:port/sales"}, "is no address like|port that is no number"),
        ({"DATABASE_URL": ""}, "There is no database"),
        ({"SALESFLOW_ENV": "test"}, "either demo or production"),
    ],
)
def test_production_refuses_what_it_cannot_use(tmp_path: Path, changes: dict[str, str], complaint: str) -> None:
    with pytest.raises(BadConfiguration, match=complaint):
        load_config(production(tmp_path, **changes))


def test_production_refuses_the_secrets_of_the_demo(tmp_path: Path) -> None:
    demo = load_config({"SALESFLOW_VAR": str(tmp_path), "DATABASE_URL": "postgresql:///x"})
    with pytest.raises(BadConfiguration, match="SALESFLOW_SECRET_KEY is the demo's own secret"):
        load_config(production(tmp_path, SALESFLOW_SECRET_KEY=demo["SECRET_KEY"]))


def test_a_password_never_stands_in_a_complaint() -> None:
    with pytest.raises(BadConfiguration) as refused:
        checked_url("mysql://sales:hunter2@db/sales")
    assert "hunter2" not in str(refused.value)
