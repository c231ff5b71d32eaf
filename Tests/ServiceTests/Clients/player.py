"""Plays requests one after another, and prints each answer as a line of JSON: its status and its body.

Arguments: port, a file with a line of JSON for each request: method, path, headers, body.
"""

import http.client
import json
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
with open(sys.argv[2], encoding="utf-8") as file:
    for line in file:
        request = json.loads(line)
        body = request.get("body")
        connection.request(
            request["method"], request["path"], body.encode() if body else None, request["headers"])
        response = connection.getresponse()
        print(json.dumps({"status": response.status, "body": response.read().decode()}), flush=True)
