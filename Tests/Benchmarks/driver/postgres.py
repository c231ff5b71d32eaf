"""A PostgreSQL for the measurements, thrown away afterwards, and the databases in it."""

import os
import subprocess
from contextlib import contextmanager
from glob import glob

from .orders import WOOD_TYPES
from .processes import Failure, run, stop
from .programs import ROOT

RUNNER = os.path.join(ROOT, "Tests", "PostgresTesting", "throwaway-postgres")


@contextmanager
def server(bench):
    """Lends a server with the durability, and everything else, that PostgreSQL has by default."""
    process = subprocess.Popen(
        [RUNNER], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": "/var/tmp"})  # /tmp may be no disk
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise Failure(process.stderr.read().strip())
        yield Server(bench, url)
    finally:
        stop(process)
        process.stderr.close()


class Server:
    """Makes databases, all of them copies of one that orderd made: same tables, same indexes."""

    def __init__(self, bench, url):
        self.bench = bench
        self.base = url.rsplit("/", 1)[0]
        self.programs = os.path.dirname(sorted(glob("/usr/lib/postgresql/*/bin/pgbench"))[-1])
        self.made = 0
        self.psql("postgres", "-c", "CREATE DATABASE empty")
        run(bench.programs.orderd_batch(self.url("empty")), bench.directory)

    def url(self, name):
        return f"{self.base}/{name}"

    def psql(self, name, *arguments):
        return run([os.path.join(self.programs, "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", *arguments, self.url(name)],
                   self.bench.directory)

    def fresh(self):
        """Returns the name of a new database without orders."""
        return self.copy("empty")

    def filled(self, count):
        """Returns the name of a new database with `count` orders, ids 1 to `count`."""
        name = f"filled_{count}"
        there = self.psql("postgres", "-c", f"SELECT 1 FROM pg_database WHERE datname = '{name}'").output
        if not there:
            self.psql("postgres", "-c", f"CREATE DATABASE {name} TEMPLATE empty")
            woods = ", ".join(f"'{wood}'" for wood in WOOD_TYPES)
            self.psql(name, "-c", f"""
                INSERT INTO orders (customer_id, wood_type, quantity, status, created_at, updated_at, revision)
                SELECT 'cust_' || row * 7919 % 10007, (ARRAY[{woods}])[row % 5 + 1], 1 + row % 100, 'registered',
                    now(), now(), 1
                FROM generate_series(0::bigint, {count - 1}) AS row ORDER BY row""", "-c", "VACUUM ANALYZE")
        return self.copy(name)

    def copy(self, name):
        self.made += 1
        copy = f"orders_{self.made}"
        self.psql("postgres", "-c", f"CREATE DATABASE {copy} TEMPLATE {name}", "-c", "CHECKPOINT")
        return copy

    def remove(self, name):
        self.psql("postgres", "-c", f"DROP DATABASE {name} WITH (FORCE)")

    def count(self, name):
        return int(self.psql(name, "-c", "SELECT count(*) FROM orders").output)

    def pgbench(self, name, script, clients):
        """Returns the transactions per second of a script, each a statement that was prepared once."""
        path = os.path.join(self.bench.directory, "script.sql")
        with open(path, "w", encoding="ascii") as file:
            file.write(script)
        done = run([os.path.join(self.programs, "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
                    "-T", str(self.bench.seconds), "-f", path, self.url(name)], self.bench.directory)
        return float(done.output.split("tps = ")[1].split()[0])
