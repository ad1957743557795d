"""Pages nobody touched are drawn a few at a time; a page whose controls are moved is drawn at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import draw_queue
from pages.ui.draw_queue import DrawQueue

LONG, LONGER = 60.0, 150.0


class Class:
    """All turns are taken by others."""

    def __init__(self) -> None:
        self.line, self.waits = DrawQueue(lease=LONGER), threading.Event()
        self.others = [self.line.take() for _ in range(self.line.at_once)]
        wait = self.line._free.wait

        def seen(timeout: float | None = None) -> bool:
            self.waits.set()
            return wait(timeout)

        self.line._free.wait = seen  # type: ignore[method-assign]

    def gives_way_to(self, page: AppTest) -> bool:
        """Whether a page waits, and is drawn as soon as one of the others is."""
        with ThreadPoolExecutor(1) as pool:
            run = pool.submit(page.run)
            waits = self.waits.wait(LONG) and not run.done()
            self.line.give(self.others.pop())
            return waits and run.result(LONG).markdown[0].value == "drawn"


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Class:
    found = Class()
    monkeypatch.setattr(draw_queue, "QUEUE", found.line)
    return found


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_never_more_than_so_many_at_once_and_everybody_comes(at_once: int) -> None:
    line, count, most, drawn = DrawQueue(at_once, LONGER), 0, 0, 0
    lock = threading.Lock()
    together = threading.Barrier(at_once)

    def draw(_: int) -> None:
        nonlocal count, most, drawn
        turn = line.take()
        with lock:
            count += 1
            most = max(most, count)
        together.wait(LONG)  # so many do come at once
        with lock:
            count -= 1
            drawn += 1
        line.give(turn)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(draw, range(20)))
    assert (most, drawn) == (at_once, 20)


def test_a_turn_that_is_never_given_back_ends_by_itself() -> None:
    line = DrawQueue(1, lease=0.05)
    lost = line.take()
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(line.take).result(LONG)
        third = pool.submit(line.take)
        line.give(lost)  # long over: the second one's turn is not ended by it
        line.give(second)
        assert third.result(LONG) not in (lost, second)


PAGE = """
import streamlit as st
from pages.ui import draw_queue

draw_queue.begin()
st.slider("moved", 0, 9)
with draw_queue.aside():
    pass
draw_queue.end()
st.write("drawn")
"""


def test_a_newcomer_waits_for_a_turn_and_a_moved_control_does_not(others: Class) -> None:
    page = AppTest.from_string(PAGE, default_timeout=LONG)
    assert others.gives_way_to(page)
    others.line.take()  # all are at work again
    page.slider[0].set_value(3).run(timeout=LONG)
    assert page.markdown[0].value == "drawn"


def test_a_page_drawn_again_by_itself_waits_like_a_newcomer(others: Class) -> None:
    script = PAGE + "if st.session_state.pop('again', False):\n    draw_queue.by_itself()\n    st.rerun()\n"
    page = AppTest.from_string(script, default_timeout=LONG)
    page.session_state["_untouched"] = False
    assert page.run().markdown[0].value == "drawn", "touched"
    page.session_state["again"] = True
    assert others.gives_way_to(page)


def test_who_waits_for_a_computation_lets_others_draw() -> None:
    held = "st.session_state['held'] = [*st.session_state.get('held', []), len(draw_queue.QUEUE._held())]"
    script = PAGE.replace("    pass", f"    {held}").replace("draw_queue.end()", f"{held}\ndraw_queue.end()")
    page = AppTest.from_string(script, default_timeout=LONG).run()
    assert page.session_state["held"] == [0, 1]
    assert draw_queue.QUEUE._held() == {}
