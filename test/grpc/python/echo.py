# gRPC as Python has it, on the C core: no generated code, a message is its bytes. PYTHONPATH: what .ci/python-clients made.
#
#   echo.py server                     prints its port, and serves until its standard input ends
#   echo.py client ADDRESS AUTHORITY   prints a line for each story, NAME and what came of it
import sys
import threading
from concurrent import futures

import grpc

SERVICE = "weft.test.Echo"
METHODS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
KEY = "x-echo-bin"


class Echo:
    """Answers with what came; of a failing call, with what its metadata says."""

    def unary_unary(self, request, context):
        asked = dict(context.invocation_metadata())
        if "x-status" in asked:
            context.abort(grpc.StatusCode[asked["x-status"]], asked["x-details"])
        if "x-hang" in asked:
            gone = threading.Event()
            context.add_callback(gone.set)
            gone.wait(20)
        if KEY in asked:
            context.send_initial_metadata(((KEY, asked[KEY]),))
            context.set_trailing_metadata(((KEY, asked[KEY]),))
        return request

    def unary_stream(self, request, context):
        for at in range(10):
            yield request * at

    def stream_unary(self, requests, context):
        return b"".join(requests)

    def stream_stream(self, requests, context):
        yield from requests


def serve():
    echo = Echo()
    handlers = {name: getattr(grpc, f"{name}_rpc_method_handler")(getattr(echo, name)) for name in METHODS}
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    sys.stdin.read()
    server.stop(None)


def call(address, authority):
    options = (("grpc.default_authority", authority), ("grpc.enable_http_proxy", 0))
    with grpc.insecure_channel(address, options) as channel:
        unary, down, up, both = (getattr(channel, name)(f"/{SERVICE}/{name}") for name in METHODS)

        def show(name, *words):
            print(name, *words, flush=True)

        large = bytes(range(256)) * 4000
        show("unary", unary(large, timeout=20) == large)
        show("compressed", unary(large, timeout=20, compression=grpc.Compression.Gzip) == large)
        show("down", [len(part) for part in down(b"x" * 1000, timeout=20)])
        show("up", len(up(iter([b"x" * 1000] * 100), timeout=20)))

        echoed = both((b"%d" % number for number in range(50)), timeout=20)
        show("both", [int(answer) for answer in echoed] == list(range(50)))

        metadata = ((KEY, bytes(range(256))),)
        _, done = unary.with_call(b"", timeout=20, metadata=metadata)
        echoes = [dict(of).get(KEY) == metadata[0][1] for of in (done.initial_metadata(), done.trailing_metadata())]
        show("metadata", echoes)

        failing = (("x-status", "FAILED_PRECONDITION"), ("x-details", "50% of it"))
        show("status", failure(unary, timeout=20, metadata=failing))
        show("deadline", failure(unary, timeout=0.2, metadata=(("x-hang", "1"),)).split()[0])
        show("parallel", parallel(unary))


def failure(unary, **arguments):
    try:
        unary(b"", **arguments)
    except grpc.RpcError as error:
        return f"{error.code().name} {error.details()}"
    return "OK"


def parallel(unary):
    calls = [unary.future(b"%d" % number, timeout=20) for number in range(200)]
    return sum(int(call.result()) == number for number, call in enumerate(calls))


serve() if sys.argv[1] == "server" else call(*sys.argv[2:])
