"""Makes the published int8 network of the voices faster and cleaner: its convolutions are computed in floating point.

ONNX Runtime has no fast path for ConvInteger, so the network would spend three quarters of its time there; and rounding
each activation to 8 bits adds noise. The weights stay what they are.
"""

from pathlib import Path

import onnx
from onnx import NodeProto, TensorProto, helper


def with_float_convolutions(path: Path, extra_output: str) -> bytes:
    """The network at `path` with every ConvInteger replaced by Conv; it gives `extra_output` too."""
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
    """What ConvInteger gives is (x / scale) * (w - zero); here x has not been rounded."""
    result, (_, weight, _, zero) = node.output[0], node.input
    convolution = helper.make_node("Conv", [quantiser.input[0], f"{result}_weight"], [f"{result}_scaled"])
    convolution.attribute.extend(node.attribute)
    return [
        helper.make_node("Cast", [weight], [f"{result}_cast"], to=TensorProto.FLOAT),
        helper.make_node("Cast", [zero], [f"{result}_zero"], to=TensorProto.FLOAT),
        helper.make_node("Sub", [f"{result}_cast", f"{result}_zero"], [f"{result}_weight"]),
        convolution,
        helper.make_node("Div", [f"{result}_scaled", quantiser.output[1]], [f"{result}_wide"]),
        # The bias that is added next is in int32 too. These sums are large: nothing is lost by the cast.
        helper.make_node("Cast", [f"{result}_wide"], [result], to=TensorProto.INT32),
    ]
