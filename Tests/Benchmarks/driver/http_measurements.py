"""HTTP at 64 connections against a Go server of the same table and a raw SwiftNIO server."""

import os
import re
import subprocess
from contextlib import ExitStack
from itertools import product

from .processes import Failure, free_port, serving
from .programs import HERE
from .table import bounded, compared

ORDERS = 20_000
CONNECTIONS = 64
KINDS = {"get": "GET /orders/{id}", "list": "GET /orders, 100 of them", "post": "POST /orders",
         "put": "PUT /orders/{id}"}
GO, GROUP, NIO, LOGGED = "Go", "Go, group commit by hand", "raw SwiftNIO, constant", "with log line"
#: Which requests each peer gets, and at least how many times as many per second orderd has to answer.
PEERS = {
    GO: {"get": 1.3, "list": 2.5, "post": 8, "put": 5},
    GROUP: {"post": 1.2, "put": None},
    NIO: {"get": 0.5, "post": 0.45},
}
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}


def measure(bench):
    with ExitStack() as stack:
        servers = start(bench, stack)
        figures = rounds(bench, servers, PEERS)
    yield from table(servers, figures)


def rounds(bench, servers, peers):
    """Returns what each server did in each round: those that are no peer everything, a peer what is its."""
    figures = {(server, kind): [] for server, kind in product(servers, KINDS)}
    for _ in bench.rounds():
        for kind, (name, server) in product(KINDS, servers.items()):
            if name not in peers or kind in peers[name]:
                figures[name, kind].append(load(bench, server, kind))
    return figures


def pinned(bench):
    """What a server's command begins with."""
    return ["taskset", "-c", "0"] if bench.pin else None


def start(bench, stack):
    """Starts the servers, each on its own copy of the same database."""
    def started(command, port=None):
        return stack.enter_context(serving(command, bench.subdirectory(), port, pinned(bench)))

    def orderd(*settings):
        port = free_port()
        return started(bench.programs.orderd_serve(bench.databases.filled(ORDERS), port, *settings), port)

    servers = {"orderd": orderd(), LOGGED: orderd("logging.level=info")}
    with bench.optional():
        servers[GO] = started([bench.programs.go_orders, bench.databases.filled(ORDERS)])
        servers[GROUP] = started([bench.programs.go_orders, "-group", bench.databases.filled(ORDERS)])
    with bench.optional():
        servers[NIO] = started([bench.programs.raw_nio])
    return servers


def load(bench, server, kind):
    """Returns requests per second and the 99th percentile of their latency in milliseconds."""
    script = os.path.join(HERE, "wrk", f"{kind}.lua")
    command = [bench.programs.wrk(), "-t2", f"-c{CONNECTIONS}", f"-d{bench.seconds}s", "--timeout", "20s",
               "--latency", "-s", script, server.url, "--", str(ORDERS)]
    beside = ["taskset", "-c", "1"] if bench.pin else []
    done = subprocess.run(beside + command, capture_output=True, text=True, check=True)
    failed = re.search(r"Non-2xx.*|Socket errors.*", done.stdout)
    if failed:
        raise Failure(f"{server.url}, {kind}: {failed.group()}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", done.stdout).groups()
    return rate, float(value) * SECONDS[unit] * 1000


def against(group, figures, kind, mine, peer, at_least):
    pairs = [(a, b) for (a, _), (b, _) in zip(figures[mine, kind], figures[peer, kind])]
    return compared(group, KINDS[kind], "requests/s", peer, pairs, at_least)


def table(servers, figures):
    for peer, kinds in PEERS.items():
        if peer in servers:
            yield from (against("http", figures, kind, "orderd", peer, goal) for kind, goal in kinds.items())
    for kind in KINDS:
        row = against("http", figures, kind, LOGGED, "orderd", 0.8)
        row.what, row.peer = f"{KINDS[kind]}, {LOGGED}", "without"
        yield row
    for kind in KINDS:
        yield bounded("http", f"{KINDS[kind]}, p99", "ms", [p99 for _, p99 in figures["orderd", kind]], at_most=10)
