"""Where the database of root goes: to an account without rights, at a place that the account can reach."""

import os
from pathlib import Path

import pytest

from webapp.launch import LaunchError, account
from webapp.launch.account import Account, data_directory, database_account

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")


def test_an_ordinary_account_keeps_its_data_where_it_wants_them(tmp_path: Path) -> None:
    assert data_directory(Account(), tmp_path / "var" / "postgres") == tmp_path / "var" / "postgres"


@only_root
def test_root_hands_the_server_to_an_account_without_rights() -> None:
    assert database_account({}).uid == 65534


@only_root
@pytest.mark.parametrize(("name", "complaint"), [("no-such-account", "there is no account"), ("root", "names root")])
def test_root_is_told_of_an_account_that_will_not_do(name: str, complaint: str) -> None:
    with pytest.raises(LaunchError, match=complaint):
        database_account({"SALESFLOW_POSTGRES_ACCOUNT": name})


@only_root
def test_data_below_a_closed_directory_go_elsewhere_and_leave_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "STATE_OF_ROOT", tmp_path / "state")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wanted = closed / "var" / "postgres"
    found = data_directory(database_account({}), wanted)
    assert found.parent.parent == tmp_path / "state"
    assert wanted.is_symlink()
    assert data_directory(database_account({}), wanted) == found
    other = data_directory(database_account({}), closed / "other" / "postgres")
    assert other != found
