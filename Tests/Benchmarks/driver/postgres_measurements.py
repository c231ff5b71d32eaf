"""orderd on PostgreSQL against pgbench, psql's COPY and Go servers, all on one server with its default durability."""

import csv
import os
from contextlib import ExitStack

from . import http_measurements, lines_measurements
from .orders import WOOD_TYPES, lines
from .postgres import server
from .processes import Failure, free_port, run, serving
from .table import compared

ORDERS = 20_000
TASKS = 64
INSERT = r"""\set number random(0, 9999)
INSERT INTO orders (customer_id, wood_type, quantity, status, created_at, updated_at, revision)
VALUES ('cust_' || :number, 'oak', 5, 'registered', now(), now(), 1) RETURNING id
"""
SELECT = rf"""\set id random(1, {ORDERS})
SELECT id, customer_id, wood_type, quantity, status, created_at, updated_at, revision FROM orders WHERE id = :id
"""
COLUMNS = "customer_id, wood_type, quantity, status, created_at, updated_at, revision"
LIB_PQ, PGX = "Go, lib/pq", "Go, pgx, group commit by hand"
#: Which requests each peer gets, and at least how many times as many per second orderd has to answer.
PEERS = {LIB_PQ: {"get": None, "list": 2, "post": None, "put": None}, PGX: {"get": 1.3, "list": None, "post": 1.2}}


def measure(bench):
    with server(bench) as postgres:
        yield from storage(bench, postgres)
        yield from batch(bench, postgres)
        yield from http(bench, postgres)


def storage(bench, postgres):
    """Creates and reads from tasks, without a socket, against pgbench."""
    creates, reads = [], []
    filled = postgres.filled(ORDERS)
    for _ in bench.rounds():
        mine, peers = postgres.fresh(), postgres.fresh()
        created = (tasks(bench, postgres, mine, bench.scale(200_000)), postgres.pgbench(peers, INSERT, 64))
        creates.append(created)
        postgres.remove(mine)
        postgres.remove(peers)
        count = bench.scale(400_000)
        reads.append((tasks(bench, postgres, filled, count, f"transport.writers.reading={ORDERS}"),
                      postgres.pgbench(filled, SELECT, 8)))
    yield compared("postgres", "creates from 64 tasks", "orders/s", "pgbench, 64 clients", creates, 3)
    yield compared("postgres", "reads by id from 64 tasks", "orders/s", "pgbench, 8 clients", reads, 1.2)


def tasks(bench, postgres, name, count, *settings):
    command = [bench.programs.writers, "run"]
    for setting in (f"storage.postgres.url={postgres.url(name)}", f"transport.writers.writers={TASKS}",
                    f"transport.writers.orders={count}", "logging.level=warning", *settings):
        command += ["--set", setting]
    return count / float(run(command, bench.directory).output.split()[-1])


def batch(bench, postgres):
    """JSON lines against COPY of the same rows."""
    count = bench.scale(1_000_000)
    source = lines(os.path.join(bench.scratch, f"orders-{count}.jsonl"), count)
    rows = csv_rows(os.path.join(bench.scratch, f"orders-{count}.csv"), count)
    pairs = []
    for _ in bench.rounds():
        mine, peers = postgres.fresh(), postgres.fresh()
        results = os.path.join(bench.directory, "results.jsonl")
        command = bench.programs.orderd_batch(postgres.url(mine), *lines_measurements.BARE)
        done = run(command, bench.directory, stdin=source, stdout=results)
        lines_measurements.check(results, count)
        copied = postgres.psql(peers, "-c", rf"\copy orders ({COLUMNS}) FROM '{rows}' (FORMAT csv)")
        if (postgres.count(mine), postgres.count(peers)) != (count, count):
            raise Failure("not all orders are there")
        pairs.append((count / done.seconds, count / copied.seconds))
        postgres.remove(mine)
        postgres.remove(peers)
    yield compared("postgres", "JSON lines", "lines/s", "COPY by psql", pairs, 0.5)


def csv_rows(path, count):
    """Writes the rows that the lines of `orders.lines` become, unless the file is there already."""
    if os.path.exists(path):
        return path
    unfinished = path + ".unfinished"
    with open(unfinished, "w", encoding="ascii", newline="") as file:
        writer = csv.writer(file)
        for row in range(count):
            time = f"2026-01-01 00:00:00.{row % 1000:03}+00"
            customer = f"cust_{row * 7919 % 10007}"
            writer.writerow((customer, WOOD_TYPES[row % 5], 1 + row % 100, "registered", time, time, 1))
    os.rename(unfinished, path)
    return path


def http(bench, postgres):
    """HTTP at 64 connections against Go servers."""
    with ExitStack() as stack:
        def started(command, port=None):
            return stack.enter_context(serving(command, bench.subdirectory(), port, http_measurements.pinned(bench)))

        def url():
            return postgres.url(postgres.filled(ORDERS))

        port = free_port()
        servers = {"orderd": started(bench.programs.orderd_serve(url(), port), port)}
        with bench.optional():
            servers[LIB_PQ] = started([bench.programs.go_orders, "-driver", "lib-pq", url()])
            servers[PGX] = started([bench.programs.go_orders, "-driver", "pgx", url()])
        figures = http_measurements.rounds(bench, servers, PEERS)
    for peer, kinds in PEERS.items():
        if peer in servers:
            yield from (
                http_measurements.against("postgres", figures, kind, "orderd", peer, goal)
                for kind, goal in kinds.items())
