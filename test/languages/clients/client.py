# Calls through a sidecar with what Python brings along. Arguments: a scenario. See ../client.ts for what it prints.
import http.client
import os
import socket
import sys
import threading
import urllib.error
import urllib.request
from hashlib import sha256

OUTBOUND = ("127.0.0.1", int(os.environ["OUTBOUND"]))
INBOUND = ("127.0.0.1", int(os.environ["INBOUND"]))
UPLOAD = os.environ["UPLOAD"]
TO_ORDERS = {"Host": "orders"}


def say(*words):
    print(*words, flush=True)


def text(response):
    return response.read().decode()


def by_host():
    return http.client.HTTPConnection(*OUTBOUND, timeout=20)


def reach():
    # urllib takes the proxy from HTTP_PROXY by itself.
    with urllib.request.urlopen("http://orders/by-proxy?n=1") as response:
        say("proxy", response.status, text(response))
    connection = by_host()
    connection.request("GET", "/by-host", headers=TO_ORDERS)
    response = connection.getresponse()
    say("host", response.status, text(response))
    connection = by_host()
    connection.set_tunnel("orders", 80)
    connection.request("GET", "/by-connect")
    response = connection.getresponse()
    say("connect", response.status, text(response))
    connection = http.client.HTTPConnection(*INBOUND, timeout=20)
    connection.request("GET", "/inbound")
    response = connection.getresponse()
    say("inbound", response.status, text(response))


def post():
    with open(UPLOAD, "rb") as file:
        body = file.read(4096)
    with urllib.request.urlopen(urllib.request.Request("http://orders/digest", data=body)) as response:
        say("length", response.status, text(response))
    connection = by_host()
    pieces = (body[at : at + 1000] for at in range(0, len(body), 1000))
    connection.request("POST", "/digest", body=pieces, headers=TO_ORDERS, encode_chunked=True)
    response = connection.getresponse()
    say("chunked", response.status, text(response))
    # The same connection takes the next request.
    connection.request("POST", "/digest", body=body, headers=TO_ORDERS)
    response = connection.getresponse()
    say("again", response.status, text(response))


def large():
    connection = by_host()
    with open(UPLOAD, "rb") as file:
        headers = {**TO_ORDERS, "Content-Length": str(os.path.getsize(UPLOAD))}
        connection.request("POST", "/digest", body=file, headers=headers)
        response = connection.getresponse()
        say("up", response.status, text(response))
    with urllib.request.urlopen(f"http://orders/file?bytes={os.path.getsize(UPLOAD)}") as response:
        digest, size = sha256(), 0
        while piece := response.read(50_000):
            digest.update(piece)
            size += len(piece)
        say("down", response.status, size, digest.hexdigest())


class Caller(threading.Thread):
    """Makes calls on one connection, until told to stop."""

    calls = 0
    failed = 0

    def __init__(self, more, made=lambda: None):
        super().__init__()
        self.more = more
        self.made = made

    def run(self):
        connection = by_host()
        while self.more(self.calls):
            self.calls += 1
            try:
                connection.request("GET", f"/call/{self.calls}", headers=TO_ORDERS)
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    raise OSError(f"status {response.status}")
            except (OSError, http.client.HTTPException) as error:
                print(repr(error), file=sys.stderr)
                self.failed += 1
                connection.close()
            self.made()
        connection.close()


def all_of(callers):
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    say("ended", sum(caller.calls for caller in callers), sum(caller.failed for caller in callers))


def spread():
    all_of([Caller(lambda calls: calls < 3) for _ in range(100)])


def kill():
    enough = threading.Semaphore(0)
    killed = threading.Event()
    after = {}

    def more(calls):
        if not killed.is_set():
            return True
        left = after.setdefault(threading.get_ident(), 30)
        after[threading.get_ident()] = left - 1
        return left > 0

    callers = [Caller(more, enough.release) for _ in range(8)]

    def direct():
        for _ in range(50):
            enough.acquire()
        say("under-way")
        sys.stdin.readline()
        killed.set()

    threading.Thread(target=direct, daemon=True).start()
    all_of(callers)


def errors():
    def show(name, url, headers):
        try:
            urllib.request.urlopen(urllib.request.Request(url, headers=headers))
            say(name, "no error")
        except urllib.error.HTTPError as error:
            say(name, error.code, error.headers["Content-Type"], text(error))

    show("unknown", "http://nobody/", {})
    show("gone", "http://gone/", {})
    show("late", "http://orders/stall", {"x-request-deadline-ms": "100"})


def websocket():
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    connection = socket.create_connection(OUTBOUND, timeout=20)
    connection.sendall(
        f"GET /live HTTP/1.1\r\nHost: orders\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    stream = connection.makefile("rb")
    say("status", stream.readline().decode().split()[1])
    while (line := stream.readline().decode().strip()) != "":
        if line.lower().startswith("sec-websocket-accept:"):
            say("accept", line.split()[1])

    def send(first, data):
        mask = b"\x01\x02\x03\x04"
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        connection.sendall(bytes([first, 0x80 | len(data)]) + mask + masked)

    def receive():
        first, size = stream.read(2)
        return first, stream.read(size)

    for message in (b"one", b"two", b"x" * 125):
        send(0x81, message)
        first, data = receive()
        say("echo", first == 0x81 and data == message)
    send(0x89, b"are you there")
    say("pong", receive() == (0x8A, b"are you there"))
    send(0x88, b"\x03\xe8")
    say("close", receive() == (0x88, b"\x03\xe8"))
    say("end", stream.read() == b"")


globals()[sys.argv[1]]()
