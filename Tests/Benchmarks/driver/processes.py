"""Starting programs, timing them, and stopping the ones that serve."""

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass


class Failure(Exception):
    """A measurement that cannot be made, in words for people."""


@dataclass
class Finished:
    """A program that ended: wall-clock seconds, largest resident memory in MiB, what it wrote to stdout (if kept)."""

    seconds: float
    peak_mebibytes: float
    output: str


def run(command, directory, stdin=os.devnull, stdout=None):
    """Runs a program to its end; `stdout` is a file to write, or None to return what was written.

    The peak counts from this process's own size at the fork (about 20 MiB), so smaller ones read too large.
    """
    log = os.path.join(directory, "stderr.log")
    output = stdout or os.path.join(directory, "stdout.txt")
    with open(stdin, "rb") as source, open(output, "wb") as sink, open(log, "wb") as errors:
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=directory, stdin=source, stdout=sink, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failure(f"{os.path.basename(command[0])} ended with {process.returncode}: {tail(log)}")
    return Finished(seconds, usage.ru_maxrss / 1024, "" if stdout else tail(output))


def tail(path):
    """Returns the end of a text file."""
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 600))
        return file.read().decode("utf-8", "replace").strip()


def free_port():
    """Returns a port of 127.0.0.1 that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A program that serves HTTP on 127.0.0.1."""

    process: subprocess.Popen
    port: int
    log: str
    seconds_to_ready: float = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def resident_mebibytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            kilobytes = next(line.split()[1] for line in status if line.startswith("VmRSS:"))
        return int(kilobytes) / 1024


@contextmanager
def serving(command, directory, port=None, pinned=None):
    """Lends a server that is ready, and stops it afterwards.

    With a `port` the server is ready when `/readyz` there is 200; without, its first line says `listening HOST:PORT`.
    """
    log = os.path.join(directory, "server.log")
    with open(log, "wb") as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            (pinned or []) + command, cwd=directory, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if port else subprocess.PIPE, stderr=errors)
    server = Server(process, port or 0, log)
    try:
        if port:
            wait_until_ready(server)
        else:
            server.port = announced_port(server)
        server.seconds_to_ready = time.monotonic() - began
        yield server
    finally:
        stop(process)


def wait_until_ready(server):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise Failure(f"the server ended with {server.process.returncode}: {tail(server.log)}")
        if is_ready(server.port):
            return
        time.sleep(0.001)
    raise Failure(f"the server was not ready after 30 s: {tail(server.log)}")


def is_ready(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def announced_port(server):
    line = server.process.stdout.readline().decode()
    if not line.startswith("listening "):
        raise Failure(f"the server did not start: {line}{tail(server.log)}")
    return int(line.rsplit(":", 1)[1])


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
