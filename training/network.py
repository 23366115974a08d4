"""Compute the convolutions of the voices' published int8 network in floating point: faster and cleaner.

ONNX Runtime has no fast path for ConvInteger, which would take three quarters of the time, and rounding each activation
to 8 bits adds noise. The weights stay as they are.
"""

from pathlib import Path

import onnx
from onnx import NodeProto, TensorProto, helper


def with_float_convolutions(path: Path, extra_output: str) -> bytes:
    """Return the network at `path` with Conv for every ConvInteger, and with `extra_output`."""
    model = onnx.load(str(path))
    quantisers = {node.output[0]: node for node in model.graph.node if node.op_type == "DynamicQuantizeLinear"}
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        nodes += _in_float(node, quantisers[node.input[0]]) if node.op_type == "ConvInteger" else [node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.output.append(onnx.ValueInfoProto(name=extra_output))
    return model.SerializeToString()


def _in_float(node: NodeProto, quantiser: NodeProto) -> list[NodeProto]:
    """Return nodes for what ConvInteger gives: (x / scale) * (w - zero), with x not rounded."""
    result, (_, weight, _, zero) = node.output[0], node.input
    convolution = helper.make_node("Conv", [quantiser.input[0], f"{result}_weight"], [f"{result}_scaled"])
    convolution.attribute.extend(node.attribute)
    return [
        helper.make_node("Cast", [weight], [f"{result}_cast"], to=TensorProto.FLOAT),
        helper.make_node("Cast", [zero], [f"{result}_zero"], to=TensorProto.FLOAT),
        helper.make_node("Sub", [f"{result}_cast", f"{result}_zero"], [f"{result}_weight"]),
        convolution,
        helper.make_node("Div", [f"{result}_scaled", quantiser.output[1]], [f"{result}_wide"]),
        # The bias that is added next is int32 too. The sums are large: the cast loses nothing.
        helper.make_node("Cast", [f"{result}_wide"], [result], to=TensorProto.INT32),
    ]
