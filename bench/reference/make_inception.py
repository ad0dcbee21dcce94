"""Makes tests/fixtures/scores/inception.json: a small graph with the node names, operations and version of the Inception graph of
2015 (`classify_image_graph_def.pb`), pictures, and what TensorFlow for Python makes of them in the way of the FID paper's code
(bioinf-jku/TTUR, fid.py) and of the inception score's (openai/improved-gan, inception_score/model.py).

Usage: python bench/reference/make_inception.py, with TensorFlow installed
Seconds.
"""

import base64
import json
import pathlib

import numpy as np
import tensorflow as tf

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/scores/inception.json"
SIZE, CHANNELS, WIDTH, CLASSES = 16, 5, 7, 6
# Of the graph of 2015: it has operations that graphs of version 9 and later may not have.
PRODUCER = 8
FLOAT = tf.float32.as_datatype_enum
random = np.random.default_rng(8)


class Graph:
    def __init__(self):
        self.graph = tf.compat.v1.GraphDef()
        self.graph.versions.producer = PRODUCER

    def node(self, name, op, inputs=(), **attributes):
        node = self.graph.node.add(name=name, op=op, input=inputs)
        for key, value in attributes.items():
            node.attr[key].CopyFrom(value)

    def constant(self, name, values, dtype=np.float32):
        values = np.asarray(values, dtype)
        tensor = tf.make_tensor_proto(values)
        self.node(name, "Const", dtype=kind(values.dtype), value=tf.compat.v1.AttrValue(tensor=tensor))

    def normal(self, name, *shape):
        self.constant(name, random.normal(0, 0.5, shape))


def kind(dtype):
    return tf.compat.v1.AttrValue(type=tf.as_dtype(dtype).as_datatype_enum)


def text(value):
    return tf.compat.v1.AttrValue(s=value.encode())


def numbers(*values):
    return tf.compat.v1.AttrValue(list=tf.compat.v1.AttrValue.ListValue(i=values))


def small_inception():
    g = Graph()
    T = kind(np.float32)
    g.constant("DecodeJpeg/contents", b"", np.bytes_)
    g.node("DecodeJpeg", "DecodeJpeg", ["DecodeJpeg/contents"], channels=tf.compat.v1.AttrValue(i=3))
    g.node("Cast", "Cast", ["DecodeJpeg"], SrcT=kind(np.uint8), DstT=T)
    g.constant("ExpandDims/dim", 0, np.int32)
    g.node("ExpandDims", "ExpandDims", ["Cast", "ExpandDims/dim"], T=T)
    g.constant("ResizeBilinear/size", [SIZE, SIZE], np.int32)
    g.node("ResizeBilinear", "ResizeBilinear", ["ExpandDims", "ResizeBilinear/size"], T=T)
    g.constant("Sub/y", 128)
    g.node("Sub", "Sub", ["ResizeBilinear", "Sub/y"], T=T)
    g.constant("Mul/y", 0.0078125)
    g.node("Mul", "Mul", ["Sub", "Mul/y"], T=T)
    g.normal("conv/conv2d_params", 3, 3, 3, CHANNELS)
    g.node("conv/Conv2D", "Conv2D", ["Mul", "conv/conv2d_params"], T=T, padding=text("VALID"), strides=numbers(1, 2, 2, 1))
    for name, values in {
        "beta": random.normal(0, 0.5, CHANNELS),
        "gamma": random.uniform(0.5, 1.5, CHANNELS),
        "moving_mean": random.normal(0, 0.5, CHANNELS),
        "moving_variance": random.uniform(0.5, 1.5, CHANNELS),
    }.items():
        g.constant(f"conv/batchnorm/{name}", values)
    g.node(
        "conv/batchnorm",
        "BatchNormWithGlobalNormalization",
        ["conv/Conv2D"] + [f"conv/batchnorm/{name}" for name in ("moving_mean", "moving_variance", "beta", "gamma")],
        T=T,
        variance_epsilon=tf.compat.v1.AttrValue(f=0.001),
        scale_after_normalization=tf.compat.v1.AttrValue(b=False),
    )
    g.node("conv/CheckNumerics", "CheckNumerics", ["conv/batchnorm"], T=T, message=text(""))
    g.node("conv/control_dependency", "Identity", ["conv/batchnorm", "^conv/CheckNumerics"], T=T)
    g.node("conv", "Relu", ["conv/control_dependency"], T=T)
    g.normal("mixed/conv/conv2d_params", 1, 1, CHANNELS, WIDTH)
    g.node("mixed/conv", "Conv2D", ["conv", "mixed/conv/conv2d_params"], T=T, padding=text("SAME"), strides=numbers(1, 1, 1, 1))
    g.node("mixed", "Relu", ["mixed/conv"], T=T)
    window = numbers(1, SIZE // 2 - 1, SIZE // 2 - 1, 1)
    g.node("pool_3", "AvgPool", ["mixed"], T=T, padding=text("VALID"), ksize=window, strides=numbers(1, 1, 1, 1))
    g.constant("pool_3/_reshape/shape", [1, WIDTH], np.int32)
    g.node("pool_3/_reshape", "Reshape", ["pool_3", "pool_3/_reshape/shape"], T=T, Tshape=kind(np.int32))
    g.normal("softmax/weights", WIDTH, CLASSES)
    g.normal("softmax/biases", CLASSES)
    g.node("softmax/logits/MatMul", "MatMul", ["pool_3/_reshape", "softmax/weights"], T=T)
    g.node("softmax/logits", "BiasAdd", ["softmax/logits/MatMul", "softmax/biases"], T=T)
    g.node("softmax", "Softmax", ["softmax/logits"], T=T)
    return g.graph


def computed(graph_def, images):
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as session:
        tf.import_graph_def(graph_def, name="")
        pool = graph.get_tensor_by_name("pool_3:0")
        weights = graph.get_operation_by_name("softmax/logits/MatMul").inputs[1]
        outputs = [pool, tf.nn.softmax(tf.matmul(tf.reshape(pool, [-1, WIDTH]), weights))]
        # The graph says that a batch is one picture; the papers' code overwrites that, and here it is obeyed.
        rows = [session.run(outputs, {"ExpandDims:0": image[None].astype(np.float32)}) for image in images]
    return (np.concatenate([row[at].reshape(1, -1) for row in rows]) for at in range(2))


def main():
    graph_def = small_inception()
    images = random.integers(0, 256, (4, 9, 12, 3))
    features, probabilities = computed(graph_def, images)
    result = {
        "madeWith": {"tensorflow": tf.__version__},
        "graph": base64.b64encode(graph_def.SerializeToString()).decode(),
        "shape": list(images.shape[1:]),
        "images": base64.b64encode(images.astype(np.uint8).tobytes()).decode(),
        "width": WIDTH,
        "classes": CLASSES,
        "features": features.ravel().tolist(),
        "probabilities": probabilities.ravel().tolist(),
    }
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
