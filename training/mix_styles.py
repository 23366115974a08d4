"""Make the style tables of our voices from published Kokoro ones: `python -m training.mix_styles FOLDER`.

FOLDER holds `<voice>.bin` files of float32, as the npm package kokoro-js 1.2.1 carries them in `voices/`.
"""

import sys
from pathlib import Path

import numpy as np

from .voices import STYLES

# Our voice: shares of published ones. There is no Marathi speaker, so a Hindi one stands in.
MIXES = {
    "anaya": {"af_heart": 0.5, "bf_emma": 0.5},
    "meera": {"hf_alpha": 1.0},
    "gauri": {"hf_alpha": 0.7, "hf_beta": 0.3},
}
STYLE_SIZE = 256
# More symbols than any prompt has; the published tables go on to 510.
ROWS = 160


def mixed(folder: Path, shares: dict[str, float]) -> np.ndarray:
    """Return the weighted mean of published style tables, as float16."""
    tables = [share * np.fromfile(folder / f"{name}.bin", np.float32) for name, share in shares.items()]
    return np.sum(tables, axis=0).reshape(-1, STYLE_SIZE)[:ROWS].astype(np.float16)


if __name__ == "__main__":
    for voice, shares in MIXES.items():
        np.save(STYLES / f"{voice}.npy", mixed(Path(sys.argv[1]), shares))
