"""Figures for whoever hosts the laboratory, in the format of Prometheus: never anybody's data.

They are served at a port of their own (MLCORE_METRICS), which a proxy does not pass on: what a class does is
nobody else's business, and a page is not slower for being watched.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from mlcore.base import meter
from mlcore.engine.engine import Engine
from mlcore.store import StoreError, store
from pages.ui.visitors import VISITORS

SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)


class Happenings:
    """Counts what the core and the pages tell the meter."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter, histogram = partial(Counter, registry=registry), partial(Histogram, registry=registry)
        self.asked = counter("mlcore_asked", "Results asked for: kept ones are hits of the cache", ["answer"])
        self.refused = counter("mlcore_refused", "Sentences that said no, by kind", ["kind"])
        self.waited = histogram("mlcore_queue_seconds", "Until a worker began", buckets=SECONDS)
        self.computed = histogram(
            "mlcore_experiment_seconds", "Of computing, by class of spec, end and place",
            ["spec", "end", "where"], buckets=SECONDS,
        )  # fmt: skip

    def __call__(self, event: str, amount: float, words: dict[str, str]) -> None:
        match event:
            case "asked":
                self.asked.labels(**words).inc(amount)
            case "refused":
                self.refused.labels(**words).inc(amount)
            case "waited":
                self.waited.observe(amount)
            case "computed":
                self.computed.labels(**words).observe(amount)


class State(Collector):
    """What is so at the moment when somebody looks."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def collect(self) -> Iterable[Metric]:
        load = self.engine.load()
        yield GaugeMetricFamily("mlcore_sessions", "Browser tabs inside", len(VISITORS))
        yield GaugeMetricFamily("mlcore_sessions_waiting", "Tabs before a full laboratory", VISITORS.outside)
        yield GaugeMetricFamily("mlcore_workers", "Workers that answer", load.workers)
        yield GaugeMetricFamily("mlcore_queue_length", "Computations that wait", load.waiting)
        yield GaugeMetricFamily("mlcore_queue_longest_seconds", "How long the first waits", load.longest)
        yield GaugeMetricFamily("mlcore_computing", "Computations that go on", load.computing)
        yield GaugeMetricFamily("mlcore_cache_bytes", "Results kept in this process", load.kept)
        with suppress(StoreError):  # a database that is away is no reason to say nothing of the rest
            yield GaugeMetricFamily("mlcore_tables_bytes", "Uploaded tables", store().uploads.total())


def registry(engine: Engine) -> CollectorRegistry:
    """All figures of this process, counted from now on."""
    found = CollectorRegistry()
    found.register(State(engine))
    meter.listen(Happenings(found))
    return found


def serve(where: str, engine: Engine) -> None:
    """Serve them at `where`, a port of this machine alone or an address and a port."""
    address, _, port = where.rpartition(":")
    start_http_server(int(port), address or "127.0.0.1", registry(engine))
