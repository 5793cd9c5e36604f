"""An environment is read whole: every fault is told, each in one sentence naming its variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from cessio.kernel.errors import Problems
from cessio.plumbing.settings import (
    VARIABLES,
    SettingError,
    Settings,
    check_data_dir,
    secret_key,
)


def test_nothing_set_means_an_embedded_database_with_the_demonstration() -> None:
    settings = Settings.load({})
    assert settings.database_url is None
    assert settings.demo
    assert settings.public_url == "http://localhost:8000"
    assert not settings.secure


def test_a_configured_database_is_never_filled_with_the_demonstration_unasked() -> None:
    address = "postgresql://cessio@db.example/cessio"
    assert not Settings.load({"CESSIO_DATABASE_URL": address}).demo
    assert Settings.load({"CESSIO_DATABASE_URL": address, "CESSIO_DEMO": "1"}).demo


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(Problems) as caught:
        Settings.load(
            {
                "CESSIO_PORT": "70000",
                "CESSIO_DATABASE_URL": "mysql://x",
                "CESSIO_BIND": "elsewhere",
                "CESSIO_PUBLIC_URL": "example.com",
                "CESSIO_LOG_JSON": "perhaps",
            }
        )
    assert {problem.field for problem in caught.value.problems} == {
        "CESSIO_PORT", "CESSIO_DATABASE_URL", "CESSIO_BIND", "CESSIO_PUBLIC_URL",
        "CESSIO_LOG_JSON",
    }  # fmt: skip
    assert "'70000' is not a number from 1 to 65535" in str(caught.value)


def test_a_misspelt_variable_is_a_fault_with_the_name_meant() -> None:
    with pytest.raises(Problems, match="did you mean CESSIO_DATABASE_URL"):
        Settings.load({"CESSIO_DATABSE_URL": "postgresql://x"})


def test_a_message_never_shows_the_password_of_a_wrong_address() -> None:
    with pytest.raises(Problems) as caught:
        Settings.load({"CESSIO_DATABASE_URL": "postgre://u:hunter2@h/d"})
    assert "hunter2" not in str(caught.value)


def test_the_address_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "address"
    file.write_text("postgresql://cessio@db/cessio\n")
    settings = Settings.load({"CESSIO_DATABASE_URL_FILE": str(file)})
    assert settings.database_url == "postgresql://cessio@db/cessio"
    with pytest.raises(Problems, match="cannot be read"):
        Settings.load({"CESSIO_DATABASE_URL_FILE": str(tmp_path / "absent")})


def test_every_setting_is_explained_to_people() -> None:
    named = {f"CESSIO_{name.upper()}" for name in Settings.__dataclass_fields__}
    for name in named:
        assert name in VARIABLES or any(one.startswith(f"{name}_") for one in VARIABLES), name


def test_the_secret_is_made_once_and_stays(tmp_path: Path) -> None:
    settings = Settings.load({"CESSIO_DATA_DIR": str(tmp_path / "fresh")})
    first = secret_key(settings)
    assert len(first) == 64
    assert secret_key(settings) == first
    assert settings.secret_file.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    settings = Settings.load({"CESSIO_DATA_DIR": str(tmp_path)})
    secret_key(settings)
    settings.secret_file.chmod(0o644)
    with pytest.raises(SettingError, match="chmod 600"):
        secret_key(settings)


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings.load({"CESSIO_DATA_DIR": str(tmp_path / "file" / "data")})
    with pytest.raises(SettingError, match="cannot be written"):
        check_data_dir(settings)
