"""The programs that are measured: where they are, how they are built and started."""

import os
import shutil
import subprocess
from functools import cached_property

from .processes import Failure

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
GO_PATH = "/usr/share/gocode"
GO_PACKAGES = {"mattn/go-sqlite3": "golang-github-mattn-go-sqlite3-dev", "lib/pq": "golang-github-lib-pq-dev",
               "jackc/pgx/v4": "golang-github-jackc-pgx-v4-dev"}


class Programs:
    """Builds a program when it is first asked for, into `scratch`, and says what is missing where it cannot."""

    def __init__(self, orderd, scratch):
        self.orderd = os.path.abspath(orderd)
        self.scratch = scratch
        if not os.path.exists(self.orderd):
            raise Failure(f"{orderd} is not there: build it with `make release`")

    def orderd_batch(self, database, *settings):
        """The command that runs JSON lines into a database."""
        return self.orderd_run(
            "--config", os.path.join(ROOT, "config", "batch.yaml"), storage(database), "logging.level=warning",
            *settings)

    def orderd_serve(self, database, port, *settings):
        """The command that serves HTTP, with everything but address, database and log level at its default."""
        return self.orderd_run(
            storage(database), f"transport.http.port={port}", "logging.level=warning", *settings)

    def orderd_run(self, *arguments):
        command = [self.orderd, "run"]
        for argument in arguments:
            is_setting = "=" in argument and not argument.startswith(("-", "/"))
            command += ["--set", argument] if is_setting else [argument]
        return command

    @cached_property
    def plain_loop(self):
        program = os.path.join(self.scratch, "plain-loop")
        need("gcc", "gcc libsqlite3-dev")
        build(["gcc", "-O2", "-Wall", "-o", program, os.path.join(HERE, "peers", "plain-loop.c"), "-lsqlite3"])
        return program

    def python_lines(self, database):
        """The command that runs JSON lines into a database with Python."""
        return [need("/usr/bin/python3", "python3"), os.path.join(HERE, "peers", "json-lines.py"), database]

    @cached_property
    def go_orders(self):
        program = os.path.join(self.scratch, "go-orders")
        need("go", "golang")
        for source, package in GO_PACKAGES.items():
            need(os.path.join(GO_PATH, "src/github.com", source), package)
        environment = {
            "GO111MODULE": "off", "GOPATH": GO_PATH, "GOFLAGS": "", "GOCACHE": os.path.join(self.scratch, "go-cache")}
        build(["go", "build", "-o", program, "."], os.path.join(HERE, "peers", "go-orders"), environment)
        return program

    @cached_property
    def raw_nio(self):
        return self.swift_program("raw-nio")

    @cached_property
    def writers(self):
        return self.swift_program("writers")

    @cached_property
    def recorder(self):
        return self.swift_program("recorder")

    def swift_program(self, product):
        need("swift", "a Swift toolchain")
        command = ["swift", "build", "-c", "release", "--package-path", HERE,
                   "--scratch-path", os.path.join(self.scratch, "swift")]
        build([*command, "--product", product])
        shown = subprocess.run([*command, "--show-bin-path"], check=True, capture_output=True, text=True)
        return os.path.join(shown.stdout.strip(), product)

    def wrk(self):
        return need("wrk", "wrk")


def storage(database):
    """The setting for a database: the path of a file, or a URL of PostgreSQL."""
    is_url = database.startswith("postgresql:")
    return f"storage.postgres.url={database}" if is_url else f"storage.sqlite.path={database}"


def need(program, package):
    """Returns the program's name, or says which package has it."""
    if not shutil.which(program) and not os.path.exists(program):
        raise Failure(f"{program} is missing: install {package}")
    return program


def build(command, directory=None, environment=None):
    done = subprocess.run(
        command, cwd=directory, env={**os.environ, **(environment or {})}, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def machine():
    """Facts about the machine that the figures belong to."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    return {"processor": model, "cores": os.cpu_count(), "system": os.uname().release, "load": os.getloadavg()[0]}
