# What checkout.go does, in Python, where that has grpcio. The name of the service is the authority; where the sidecar
# takes calls, `weft run` has told. A program with generated stubs makes its channel in the same way.
import os

import grpc
import paced

channel = grpc.insecure_channel(os.environ["WEFT_OUTBOUND"], options=[("grpc.default_authority", "stock")])


def encode_item(item):
    message = bytearray([0x08])  # field 1, a number
    while item > 0x7F:
        message.append(0x80 | item & 0x7F)
        item >>= 7
    message.append(item)
    return bytes(message)


count = channel.unary_unary(
    "/weft.demo.Stock/Count",
    request_serializer=encode_item,
    response_deserializer=lambda message: message[2:].decode(),  # field 1, text: behind its tag and its length
)

paced.run(lambda number: count(number, timeout=15))
