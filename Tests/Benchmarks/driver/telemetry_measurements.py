"""What telemetry costs: nothing exported, everything to a receiver at work, one trace in a hundred, a receiver away."""

import os
from contextlib import ExitStack

from . import http_measurements as http
from .processes import free_port, run, serving
from .table import bounded, compared

KINDS = ("get", "post")
TICKS = os.sysconf("SC_CLK_TCK")
NONE, FULL, HUNDREDTH, AWAY = "no exporter", "everything", "sampled at 0.01", "receiver away"
FOLLOWING = "sampled at 0.01, logs too"


def measure(bench):
    figures, memory = {}, []
    for number in range(10 if not bench.quick else 1):
        # Processes of one program differ for as long as they live, and a machine is faster at one time than at another:
        # so each round has new ones, and every other round takes them in the opposite order.
        with ExitStack() as stack:
            servers = start(bench, stack)
            names = list(servers) if number % 2 == 0 else list(reversed(servers))
            for kind in KINDS:
                for name in names:
                    figures.setdefault((name, kind), []).append(load(bench, servers[name], kind))
            memory.append(servers[AWAY].resident_mebibytes())
    yield from table(figures)
    yield bounded("telemetry", f"{AWAY}, resident memory", "MiB", memory, at_most=128)
    yield from parts(bench)


def start(bench, stack):
    receiver = stack.enter_context(serving([bench.programs.raw_nio], bench.subdirectory()))

    def orderd(*settings):
        port = free_port()
        command = bench.programs.orderd_serve(
            bench.databases.filled(http.ORDERS), port, "logging.level=info", "telemetry.console=false", *settings)
        return stack.enter_context(serving(command, bench.subdirectory(), port))

    def otlp(port):
        return f"telemetry.otlp.endpoint=http://127.0.0.1:{port}"

    hundredth = ("recording.sampler=parentbased_traceidratio", "recording.sampler_ratio=0.01")
    return {
        NONE: orderd(),
        FULL: orderd(otlp(receiver.port)),
        HUNDREDTH: orderd(otlp(receiver.port), *hundredth),
        FOLLOWING: orderd(otlp(receiver.port), *hundredth, "recording.logs=trace_based"),
        AWAY: orderd(otlp(9)),
    }


def load(bench, server, kind):
    """Returns requests per second, the 99th percentile in milliseconds, and microseconds of CPU per request."""
    before = processor_seconds(server)
    rate, p99 = http.load(bench, server, kind)
    used = processor_seconds(server) - before
    return rate, p99, used / (rate * bench.seconds) * 1e6


def processor_seconds(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def table(figures):
    def row(kind, name, what, unit, column, at_least=None, inverse=False):
        pairs = []
        for mine, theirs in zip(figures[name, kind], figures[NONE, kind]):
            pair = (mine[column], theirs[column])
            pairs.append(tuple(reversed(pair)) if inverse else pair)
        made = compared("telemetry", f"{http.KINDS[kind]}, {name}{what}", unit, NONE, pairs, at_least)
        if inverse:  # the goal is of the peer's figure against ours: less is better
            made.orderd, made.peer_value = made.peer_value, made.orderd
        return made

    for kind in KINDS:
        yield row(kind, FULL, "", "requests/s", 0, 0.85)
        yield row(kind, HUNDREDTH, "", "requests/s", 0, 0.97)
        yield row(kind, FOLLOWING, "", "requests/s", 0, 0.97)
        yield row(kind, AWAY, ", CPU of a request", "us", 2, 1 / 1.05, inverse=True)
        yield row(kind, AWAY, ", p99", "ms", 1, 1 / 1.25, inverse=True)


def parts(bench):
    """The recorder alone, without a service: a span is what a request costs more than with its measurement alone.

    Of five processes of a kind the fastest counts: what else the machine does only adds to the CPU of a request.
    """
    both = "telemetry.discard.signals=[traces, metrics]"
    kinds = ["telemetry.discard.signals=[metrics]"], [both], [both, "recording.sampler=always_off"]
    spans, unsampled, measurements = [], [], []
    for _ in bench.rounds():
        runs = [[recorded(bench, *kind) for kind in kinds] for _ in range(5 if not bench.quick else 1)]
        (without, measurement), (with_span, _), (not_sampled, _) = (tuple(map(min, zip(*run))) for run in zip(*runs))
        spans.append(with_span - without)
        unsampled.append(not_sampled - without)
        measurements.append(measurement)
    yield bounded("telemetry", "a span with 8 attributes, CPU", "ns", spans, at_most=400)
    yield bounded("telemetry", "a span that is not sampled, CPU", "ns", unsampled)
    yield bounded("telemetry", "a measurement, CPU", "ns", measurements, at_most=50)


def recorded(bench, *settings):
    """Returns the nanoseconds of a request and of a measurement."""
    words = ["storage.sqlite.path=:memory:", "transport.recorder={}", "logging.level=warning", *settings]
    command = [bench.programs.recorder, "run"] + [word for setting in words for word in ("--set", setting)]
    lines = run(command, bench.directory).output.splitlines()
    return tuple(float(line.rsplit(" ", 1)[1]) for line in lines[:2])
