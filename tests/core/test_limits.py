"""Settings of an installation: what may be set, what is refused with which sentence, where it is written."""

from __future__ import annotations

from dataclasses import fields

import pytest

from mlcore.base.limits import Limits, SettingError, limits, read, table, variable
from tests.test_readme import README

NUMBERS = [own for own in fields(Limits) if "bounds" in own.metadata]


def test_nothing_set_means_the_defaults() -> None:
    assert read({}) == read({"MLCORE_SESSIONS": "", "MLCORE_STORE": " ", "OTHER": "1"}) == Limits()


def test_each_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"workers": 3, "sessions": 60, "queue": 9, "jobs_per_session": 2, "seconds": 5, "cache": 1}
    given |= {"upload": 2, "tables": 8, "scheduler": "tcp://s:8786", "device": "cpu", "store": "/x y"}
    given |= {"metrics": "0.0.0.0:9100", "database": "postgresql://u:p@h/n"}
    assert read({variable(name): str(value) for name, value in given.items()}) == Limits(**given)
    monkeypatch.setenv("MLCORE_SESSIONS", "60")
    assert limits().sessions == 60


@pytest.mark.parametrize("own", NUMBERS, ids=lambda own: own.name)
@pytest.mark.parametrize("given", ["many", "-1", "1.5", "1e3", "٣", "0x10", "9" * 40, "1\n2"])
def test_what_is_no_number_is_refused(own: object, given: str) -> None:
    least, most = own.metadata["bounds"]
    with pytest.raises(SettingError) as caught:
        read({variable(own.name): given})
    told = f"{variable(own.name)} is {given!r}; it must be a whole number from {least} to {most}."
    assert str(caught.value) == told


@pytest.mark.parametrize("own", NUMBERS, ids=lambda own: own.name)
def test_numbers_keep_to_their_bounds(own: object) -> None:
    least, most = own.metadata["bounds"]
    for inside in least, most:
        assert getattr(read({variable(own.name): str(inside)}), own.name) == inside
    for outside in least - 1, most + 1:
        with pytest.raises(SettingError):
            read({variable(own.name): str(outside)})
    assert own.default == 0 or least <= own.default <= most


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("MLCORE_SCHEDULER", "scheduler:8786"),
        ("MLCORE_DEVICE", "gpu"),
        ("MLCORE_METRICS", "metrics"),
        ("MLCORE_METRICS", "0"),
        ("MLCORE_METRICS", "1.2.3.4"),
    ],
)
def test_a_text_of_the_wrong_kind_is_refused(name: str, given: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is '{given}'; it must be "):
        read({name: given})


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(
        SettingError, match="MLCORE_DATABASE is not possible; it must be an address"
    ) as caught:
        read({"MLCORE_DATABASE": "mysql://me:secret@host/name"})
    assert "secret" not in str(caught.value)


def test_the_readme_has_the_table_of_all_settings() -> None:
    assert table() in README
