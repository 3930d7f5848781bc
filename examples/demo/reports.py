# Another caller, in another language: reports calls http://orders/ 50 times a second with what Python brings along, and
# knows nothing of weft. `weft run` has started a sidecar, and set HTTP_PROXY, before this began.
# Prints what it saw, once a second. Ends with its standard input.
import json
import os
import signal
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

CALLS_A_SECOND = 50

lock = threading.Lock()
seen = {}


def start_anew():
    seen.update(calls=0, failed=0, failure=None, timesMs=[], answers={})


def call(number):
    began = time.monotonic()
    try:
        with urllib.request.urlopen(f"http://orders/v1/{number}", timeout=15) as response:
            name = json.load(response)["from"]
        failure = None
    except Exception as error:  # whatever it is, the call has failed
        name, failure = None, f"{type(error).__name__}: {error}"
    with lock:
        seen["calls"] += 1
        seen["timesMs"].append((time.monotonic() - began) * 1000)
        if failure is None:
            seen["answers"][name] = seen["answers"].get(name, 0) + 1
        else:
            seen["failed"] += 1
            seen["failure"] = seen["failure"] or failure


def tell():
    with lock:
        print(json.dumps(seen), flush=True)
        start_anew()


def wait_for_end():
    os.read(sys.stdin.fileno(), 1)
    ending.set()


signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the terminal: the stage ends this one
ending = threading.Event()
start_anew()
threading.Thread(target=wait_for_end, daemon=True).start()
began = time.monotonic()
sent = seconds = 0
with ThreadPoolExecutor(20) as pool:
    while not ending.wait(0.01):
        passed = time.monotonic() - began
        while sent < passed * CALLS_A_SECOND:
            sent += 1
            pool.submit(call, sent)
        if passed > seconds + 1:
            seconds += 1
            tell()
tell()
