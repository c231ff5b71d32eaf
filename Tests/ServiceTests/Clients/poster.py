"""Posts orders from several threads until the service is gone.

Prints a line `id customer_id` for every order that the service acknowledged. Arguments: port, threads, most orders,
what each customer_id begins with.
"""

import http.client
import json
import sys
import threading

port, threads, most = (int(argument) for argument in sys.argv[1:4])
prefix = sys.argv[4] if len(sys.argv) > 4 else ""
printing = threading.Lock()


def post(thread):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(most // threads):
        customer = f"{prefix}c{thread}-{number}"
        body = json.dumps({"customer_id": customer, "wood_type": "oak", "quantity": number + 1})
        try:
            connection.request("POST", "/orders", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            return
        if response.status == 201:
            with printing:
                print(json.loads(answer)["id"], customer, flush=True)


workers = [threading.Thread(target=post, args=(thread,)) for thread in range(threads)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
