"""The text of /metrics: the counters of the web processes, and gauges read from the database."""

import logging
import os
import re
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

_log = logging.getLogger(__name__)
_SERIES = re.compile(r"(\w+)(?:\{(.*)\})?")
_LABEL = re.compile(r'(\w+)="([^"]*)"')
UNEXPLAINED = "(not explained)"


class GaugeCollector(Collector):
    """`figures`: `name{label="value"}` → value; `words`: name → what it says."""

    def __init__(self, figures: Mapping[str, float], words: Mapping[str, str]) -> None:
        self.figures = figures
        self.words = words

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for series, value in sorted(self.figures.items()):
            found = _SERIES.fullmatch(series)
            if found is None:
                _log.error("A metric has a name that cannot be: %s", series)
                continue
            name, labels = found[1], dict(_LABEL.findall(found[2] or ""))
            if name not in families:
                kind = "counter" if name.endswith("_total") else "gauge"
                full, words = f"mgestion_{name}".removesuffix("_total"), self.words.get(name)
                families[name] = Metric(full, words or UNEXPLAINED, kind)
            families[name].add_sample(f"mgestion_{name}", labels, value)
        return families.values()


def render_metrics(figures: Mapping[str, float], words: Mapping[str, str]) -> bytes:
    """Prometheus' text format, with HELP and TYPE."""
    registry = CollectorRegistry()
    registry.register(GaugeCollector(figures, words))
    text = generate_latest(registry)
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # one process: tests, `manage.py runserver`
        return text + generate_latest(REGISTRY)
    processes = CollectorRegistry()
    MultiProcessCollector(processes)  # type: ignore[no-untyped-call]  # untyped there
    return text + generate_latest(processes)
