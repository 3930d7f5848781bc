# Calls 50 times a second by the clock, with what it is given, and prints what it saw, once a second.
# Ends with its standard input.
import json
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

CALLS_A_SECOND = 50
MOST_AT_ONCE = 10  # of what is due: a machine that stood still does not make up for all of it

lock = threading.Lock()
seen = {}


def start_anew():
    seen.update(calls=0, failed=0, failure=None, timesMs=[], answers={})


def tell():
    with lock:
        print(json.dumps(seen), flush=True)
        start_anew()


def run(call):
    """call: takes the number of the call, and returns the name of the endpoint that answered"""

    def count(number):
        began = time.monotonic()
        try:
            name, failure = call(number), None
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
            sent = max(sent, int(passed * CALLS_A_SECOND) - MOST_AT_ONCE)
            while sent < passed * CALLS_A_SECOND:
                sent += 1
                pool.submit(count, sent)
            if passed > seconds + 1:
                seconds += 1
                tell()
    tell()
