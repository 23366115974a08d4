"""The part of the set-up beyond setup.cfg: the page, its libraries and the prompts go into the wheel."""

import shutil
from glob import iglob
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

BUNDLE = Path("server", "bundle")
# The npm files that the server serves.
FILES = (
    "client/**",
    "audio_prompts/**",
    "node_modules/socket.io-client/dist/socket.io.esm.min.js",
    "node_modules/socket.io-client/LICENSE",
    "node_modules/@fontsource/baloo-2/files/baloo-2-devanagari-[57]00-normal.woff2",
    "node_modules/@fontsource/baloo-2/files/baloo-2-latin-[57]00-normal.woff2",
    "node_modules/@fontsource/baloo-2/LICENSE",
)


class BuildWithBundle(build_py):
    """Copies the files of the repository's root that a server needs; an editable install finds them in place."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            bundle = Path(self.build_lib, BUNDLE)
            # Files of an earlier build are removed.
            shutil.rmtree(bundle, ignore_errors=True)
            for pattern in FILES:
                self.copy_into(bundle, pattern)

    def copy_into(self, bundle: Path, pattern: str) -> None:
        found = [Path(path) for path in iglob(pattern, recursive=True) if Path(path).is_file()]
        if not found:
            raise FileNotFoundError(f"there is no {pattern}: run `make setup` first")
        for path in found:
            (bundle / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, bundle / path)


setup(cmdclass={"build_py": BuildWithBundle})
