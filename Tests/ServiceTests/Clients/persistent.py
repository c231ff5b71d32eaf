"""Posts orders from several threads until it is told to stop, whatever happens to the service's storage.

Every other thread gives each order a key, and sends it again until it is acknowledged; the others go on with the next
order. Prints a line `id customer_id` for every order that was acknowledged, and to standard error what is answered
besides 201, 503 and 504. Arguments: port, threads.
"""

import http.client
import json
import signal
import sys
import threading
import time

port, threads = (int(argument) for argument in sys.argv[1:3])
printing = threading.Lock()
stopping = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopping.set())


def send(connection, customer, key):
    """Returns the status and the order's id; nothing where there was no answer."""
    headers = {"Content-Type": "application/json", **({"Idempotency-Key": customer} if key else {})}
    body = json.dumps({"customer_id": customer, "wood_type": "oak", "quantity": 1})
    try:
        connection.request("POST", "/orders", body, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        return response.status, answer.get("id")
    except (OSError, http.client.HTTPException):
        connection.close()
        return None, None


def post(thread):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    has_key = thread % 2 == 0
    number = 0
    while not stopping.is_set():
        customer = f"c{thread}-{number}"
        status, order = send(connection, customer, has_key)
        if status == 201:
            with printing:
                print(order, customer, flush=True)
        elif status in (503, 504, None):
            time.sleep(0.01)  # as a client does that is told to try again
            if has_key:
                continue
        else:
            print(status, customer, file=sys.stderr, flush=True)
        number += 1


workers = [threading.Thread(target=post, args=(thread,)) for thread in range(threads)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
