"""How long orderd takes from its start until it is ready, and how much memory it then holds."""

import time

from .processes import free_port, serving
from .table import bounded

ORDERS = 20_000


def measure(bench):
    database = bench.databases.filled(ORDERS)
    starts, sizes = [], []
    for _ in range(3 if bench.quick else 11):
        port = free_port()
        with serving(bench.programs.orderd_serve(database, port), bench.directory, port) as server:
            starts.append(server.seconds_to_ready * 1000)
            time.sleep(0.2)  # what the start itself still allocates and frees is over
            sizes.append(server.resident_mebibytes())
    yield bounded("start", "start to ready, existing database", "ms", starts, at_most=100)
    yield bounded("start", "idle memory", "MiB", sizes, at_most=30)
