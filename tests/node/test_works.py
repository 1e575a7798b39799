"""Promises of `node.works`: what is said when the workers start."""

import logging
from pathlib import Path
from unittest.mock import Mock

import pytest

from config.load import default_settings
from config.results import Results
from node import works
from node.fault_points import pass_by


@pytest.mark.parametrize(("wanted", "told"), [(True, 1), (False, 0)])
def test_a_check_that_is_wanted_and_not_installed_is_told_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    wanted: bool,
    told: int,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(works, "Executor", Mock())
    results = Results(external_check=wanted)
    settings = default_settings().model_copy(update={"results": results})
    with caplog.at_level(logging.INFO):
        works.Works(settings, Mock(), lambda _: None, pass_by).start()

    assert caplog.text.count("dciodvfy is not installed") == told
