"""Find Vosk models, download them once by name, and check them before Kaldi reads them: a bad one may crash it."""

import re
import shutil
import struct
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import BinaryIO

import vosk
from tqdm import tqdm

from .errors import EngineError

_NAME = re.compile(r"vosk-model-[\w.-]+")
_TIMEOUT_S = 15
# Files of a model with runtime grammars, in Vosk's present and older layouts. If one is missing, empty or without the
# text given here, Kaldi may abort the process or fail at the first audio. It reports most other damage itself.
# One fault goes unnoticed: a disambig_tid.int that ends early, but after a whole line.
_LAYOUTS = (
    {
        "am/final.mdl": b"",
        "conf/mfcc.conf": b"",
        "conf/model.conf": b"--endpoint.silence-phones=",
        "graph/HCLr.fst": b"",
        "graph/Gr.fst": b"",
        "graph/disambig_tid.int": b"",
    },
    {"final.mdl": b"", "mfcc.conf": b"", "HCLr.fst": b"", "Gr.fst": b"", "disambig_tid.int": b""},
)
_IVECTOR = {"ivector/final.ie": b"", "ivector/splice.conf": b"--right-context="}
# OpenFst: the sizes of the header and of the records in a graph of type "const".
_FST_MAGIC = 2125659606
_STATE_BYTES = 20
_ARC_BYTES = 16


def find_model(model: str, cache_dir: Path) -> Path:
    """Return the checked folder of `model`: a folder, or a model's official name, which is downloaded if needed.

    Raises EngineError: model_missing, model_broken, model_unsuitable (it takes no grammar) or model_unavailable.
    """
    folder = Path(model)
    if not folder.is_dir():
        if not _NAME.fullmatch(model):
            raise EngineError(
                "model_missing",
                f"There is no folder {model}: give that of a Vosk model, or a name such as vosk-model-small-hi-0.22.",
            )
        shelves = [cache_dir, *(Path(shelf) for shelf in vosk.MODEL_DIRS if shelf)]
        found = next((shelf / model for shelf in shelves if (shelf / model).is_dir()), None)
        folder = found or _download(model, cache_dir)
    check_model(folder)
    return folder


def check_model(folder: Path) -> None:
    """Raise EngineError (model_broken, model_unsuitable) for a folder that Kaldi could crash on."""
    present, older = _LAYOUTS
    needed = present if (folder / "am").is_dir() else older
    if any((folder / place).is_file() for place in ("graph/HCLG.fst", "HCLG.fst")):
        raise EngineError(
            "model_unsuitable",
            f"The Vosk model in {folder} takes no grammar: choose one of the small models (vosk-model-small-...).",
        )
    if (folder / "ivector").is_dir():
        needed = needed | _IVECTOR
    faults = [name for name, content in needed.items() if not _is_sound(folder / name, content)]
    if faults:
        raise EngineError(
            "model_broken",
            f"The Vosk model in {folder} is incomplete ({', '.join(faults)}): remove the folder and fetch it again.",
        )


def _is_sound(path: Path, content: bytes) -> bool:
    if not path.is_file() or not path.stat().st_size:
        return False
    if path.name == "HCLr.fst":
        return _is_whole_graph(path)
    if path.suffix == ".int":
        return path.read_bytes().endswith(b"\n")
    return not content or content in path.read_bytes()


def _is_whole_graph(path: Path) -> bool:
    """Tell whether the file is as long as its header announces. Kaldi does not notice a shorter one."""
    try:
        with path.open("rb") as file:
            kind, states, arcs = _fst_header(file)
            if kind == b"olabel_lookahead":
                file.read(4)  # another magic number; then comes the graph itself
                kind, states, arcs = _fst_header(file)
            size = file.tell() + (states * _STATE_BYTES + arcs * _ARC_BYTES if kind == b"const" else 0)
    except (struct.error, ValueError):
        return False
    return path.stat().st_size >= size


def _fst_header(file: BinaryIO) -> tuple[bytes, int, int]:
    """Return a graph's type, number of states and of arcs. Raises struct.error or ValueError for another file."""
    magic, length = struct.unpack("<ii", file.read(8))
    if magic != _FST_MAGIC:
        raise ValueError("not an OpenFst file")
    kind = file.read(length)
    (length,) = struct.unpack("<i", file.read(4))
    file.read(length)
    _version, _flags, _properties, _start, states, arcs = struct.unpack("<iiQqqq", file.read(40))
    return kind, states, arcs


def _download(name: str, cache_dir: Path) -> Path:
    """Fetch a model into `cache_dir`. It gets its final name when it is complete."""
    target = cache_dir / name
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=cache_dir) as scratch:
            archive = Path(scratch, "model.zip")
            _fetch(f"{vosk.MODEL_PRE_URL}{name}.zip", archive, name)
            with zipfile.ZipFile(archive) as files:
                files.extractall(scratch)
            Path(scratch, name).rename(target)
    except urllib.error.HTTPError as error:
        message = f"Vosk offers no model {name} (HTTP {error.code}): check the name."
        raise EngineError("model_unavailable", message) from error
    except (OSError, zipfile.BadZipFile) as error:
        message = (
            f"The Vosk model {name} cannot be downloaded ({error}): "
            f"connect to the internet, or put its folder into {cache_dir}."
        )
        raise EngineError("model_unavailable", message) from error
    return target


def _fetch(url: str, path: Path, name: str) -> None:
    with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response, path.open("wb") as file:
        total = int(response.headers.get("Content-Length", 0)) or None
        with tqdm.wrapattr(response, "read", total=total, desc=name) as progress:
            shutil.copyfileobj(progress, file)
