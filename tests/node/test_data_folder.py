"""Promises of `node.data_folder`."""

from pathlib import Path

import pytest

from config.load import default_settings
from config.schema import Settings
from node.data_folder import DataFolderError, open_ledger, sole_use


def settings_in(folder: Path) -> Settings:
    settings = default_settings()
    node = settings.node.model_copy(update={"data_folder": folder})
    return settings.model_copy(update={"node": node})


def test_a_ledger_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="no node has run"):
        open_ledger(settings_in(tmp_path / "wrong"))

    assert not (tmp_path / "wrong").exists()


def test_a_second_node_on_one_data_folder_is_refused(tmp_path: Path) -> None:
    with (
        sole_use(tmp_path),
        pytest.raises(DataFolderError, match="in use"),
        sole_use(tmp_path),
    ):
        pass


def test_a_data_folder_is_free_again_after_its_node(tmp_path: Path) -> None:
    with sole_use(tmp_path):
        pass
    with sole_use(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(DataFolderError, match="cannot be made"),
        sole_use(tmp_path / "file" / "data"),
    ):
        pass
