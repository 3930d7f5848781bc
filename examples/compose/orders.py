# The orders service of docker-compose.yml: Python, and nothing of weft. Each request makes a call to payments. HTTP_PROXY
# is the sidecar. LISTEN says where others reach it: `host:port`.
import json
import os
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What a program without OpenTelemetry does so that the trace goes on: it copies these from the request that it serves to
# the calls that it makes for it.
TRACE = ("traceparent", "tracestate", "baggage")


class Orders(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        headers = {name: self.headers[name] for name in TRACE if name in self.headers}
        try:
            with urllib.request.urlopen(urllib.request.Request(f"http://payments{self.path}", headers=headers)) as answer:
                self.answer(200, {"order": 7, "payment": json.load(answer)})
        except urllib.error.HTTPError as error:
            self.answer(error.code, {"order": 7, "payment": error.read().decode()})
        except OSError as error:
            self.answer(502, {"order": 7, "payment": str(error)})

    def answer(self, status, body):
        text = f"{json.dumps(body)}\n".encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *args):
        pass


host, port = os.environ.get("LISTEN", "127.0.0.1:3000").split(":")
server = ThreadingHTTPServer((host, int(port)), Orders)
print(f"orders listens on {host}:{port}", flush=True)
server.serve_forever()
