"""What every computation runs under."""

from __future__ import annotations

from threading import Thread, get_ident

import pytest
import torch

from mlcore.base.device import computing, constant


def test_a_new_thread_takes_up_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch hands it on when it is asked; until then MKL's vector functions use every core."""
    asked: list[int] = []
    real = torch.get_num_threads

    def ask() -> int:
        asked.append(get_ident())
        return real()

    def compute() -> None:
        with computing():
            ran.append(get_ident())

    ran: list[int] = []
    monkeypatch.setattr(torch, "get_num_threads", ask)
    thread = Thread(target=compute)
    thread.start()
    thread.join()
    assert ran
    assert asked == ran


def test_inside_there_is_no_autograd_and_no_denormal_and_outside_both() -> None:
    tiny = torch.tensor([1e-30])
    with computing():
        assert torch.is_inference_mode_enabled()
        assert (tiny * 1e-12).item() == 0
        with computing():
            pass
        assert (tiny * 1e-12).item() == 0, "still inside"
    assert not torch.is_inference_mode_enabled()
    assert (tiny * 1e-12).item() != 0


def test_numbers_that_people_type_are_not_kept_for_ever() -> None:
    """The web process lives for months, and every formula brings new ones."""
    for i in range(3000):
        assert constant(i / 7, torch.float64).item() == i / 7
    assert constant.cache_info().currsize < 3000
