"""What has been learned, as bytes."""

import pickle
import zlib
from typing import Any

#: How the name of a packed file ends.
PACKED = ".pickle.z"


def packed(value: Any) -> bytes:
    """Bytes of a value. Rasa packs a model with gzip's slowest level; what is small already is packed quickly."""
    return zlib.compress(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), level=1)


def unpacked(kept: bytes) -> Any:
    """The value that was packed. Models are our own files: whoever may change one may change the program."""
    return pickle.loads(zlib.decompress(kept))  # noqa: S301 - see above
