"""Opens connections and keeps them until it is told to stop.

Prints `open` once all are there. With a request, each sends it, and waits for the beginning of its answer first.
Arguments: port, how many, the request with its line ends as \\r\\n.
"""

import signal
import socket
import sys

port, count = (int(argument) for argument in sys.argv[1:3])
request = sys.argv[3].encode().decode("unicode_escape").encode() if len(sys.argv) > 3 else b""
connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
for connection in connections if request else []:
    connection.sendall(request)
    connection.recv(12)
print("open", flush=True)
signal.pause()
