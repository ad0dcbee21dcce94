"""A model as its YAML declares it, in Keras layers and one `tf.function`, with or without `jit_compile`."""

import peer

parser = peer.options()
parser.add_argument("--jit", action="store_true", help="compile the function with jit_compile=True")
asked = parser.parse_args()
peer.prepare_environment(asked.threads)

from keras_step import Timed
from spec import Spec

name = "keras tf.function, jit" if asked.jit else "keras tf.function"
spec = Spec(asked.model, asked.fakes)
peer.run(name, asked, Timed(asked, spec), spec)
