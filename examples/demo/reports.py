# Another caller, in another language: reports calls http://orders/ 50 times a second with what Python brings along, and
# knows nothing of weft. `weft run` has started a sidecar, and set HTTP_PROXY, before this began.
import json
import urllib.request

import paced


def call(number):
    with urllib.request.urlopen(f"http://orders/v1/{number}", timeout=15) as response:
        return json.load(response)["from"]


paced.run(call)
