# Calls through a sidecar with httpx and with h2. Arguments: outbound port, port with TLS, path of its certificate.
# Prints a line for each answer: NAME VERSION STATUS BODY. PYTHONPATH: what .ci/python-clients made.
import asyncio
import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.events
import httpx

OUTBOUND, SECURE, CERTIFICATE = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def show(name, response):
    print(name, response.http_version, response.status_code, response.text, flush=True)


def prior_knowledge():
    """Without HTTP/1.1 to fall back to, httpx speaks HTTP/2 in cleartext at once."""
    with httpx.Client(http1=False, http2=True, base_url=f"http://127.0.0.1:{OUTBOUND}", timeout=20) as client:
        for service in ("plain", "modern"):
            show(f"cleartext-{service}", client.get("/get", headers={"Host": service}))
            show(f"upload-{service}", client.post("/up", headers={"Host": service}, content=bytes(1_000_000)))


def secure():
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    with httpx.Client(http2=True, verify=trusting, base_url=f"https://localhost:{SECURE}", timeout=20) as client:
        show("secure", client.get("/get"))
    with httpx.Client(http2=False, verify=trusting, base_url=f"https://localhost:{SECURE}", timeout=20) as client:
        show("old", client.get("/get"))


async def many():
    limits = httpx.Limits(max_connections=1)
    base = f"http://127.0.0.1:{OUTBOUND}"
    async with httpx.AsyncClient(http1=False, http2=True, base_url=base, timeout=20, limits=limits) as client:
        calls = (client.get(f"/call/{number}", headers={"Host": "modern"}) for number in range(200))
        answers = await asyncio.gather(*calls)
    print("many", sum(answer.status_code == 200 for answer in answers), flush=True)


def trailers():
    """httpx shows none, h2 does."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
    channel = socket.create_connection(("127.0.0.1", OUTBOUND), timeout=20)
    connection.initiate_connection()
    for stream, service in ((1, "plain"), (3, "modern")):
        pseudo = [(":method", "POST"), (":scheme", "http"), (":authority", service), (":path", "/trailers")]
        connection.send_headers(stream, [*pseudo, ("te", "trailers")])
        connection.send_data(stream, b"weft")
        connection.send_headers(stream, [("x-caller", "h2")], end_stream=True)
    channel.sendall(connection.data_to_send())
    ended = 0
    while ended < 2:
        received = channel.recv(65_536)
        if not received:
            raise EOFError("the sidecar closed the connection")
        for event in connection.receive_data(received):
            if isinstance(event, h2.events.DataReceived):
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.TrailersReceived):
                print(f"trailers-{event.stream_id}", dict(event.headers)["x-digest"], flush=True)
            elif isinstance(event, h2.events.StreamEnded):
                ended += 1
        channel.sendall(connection.data_to_send())
    channel.close()


prior_knowledge()
secure()
asyncio.run(many())
trailers()
