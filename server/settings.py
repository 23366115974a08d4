"""The operator's settings. They reject invalid values on construction."""

import socket
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any, Literal

from click import get_app_dir
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

PACKAGE = Path(__file__).parent
# A wheel holds the page, the prompts and the page's libraries inside the package; a checkout has them beside it.
BUNDLE = PACKAGE / "bundle"
ROOT = BUNDLE if BUNDLE.is_dir() else PACKAGE.parent
# A server that listens at one of these can be reached from this computer.
HERE = ("127.0.0.1", "0.0.0.0", "::1", "::")
# Beside the code in a checkout. An installed program keeps its data elsewhere: an update replaces the package.
DATA = Path(get_app_dir("paadas")) if BUNDLE.is_dir() else ROOT / "data"


class SettingsError(ValueError):
    """A setting cannot work on this machine. The message says which one and what to do."""


class Settings(BaseModel):
    """The settings of one installation. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    """The address to listen at."""
    port: int = Field(default=5000, ge=1, le=65535)
    """The port of the pages."""
    lan: bool = Field(default=False, description="HTTPS with a certificate of our own, and how to trust it")
    guide_port: int = Field(default=5080, ge=1, le=65535, description="the port of that page, over plain HTTP")
    behind_proxy: bool = Field(default=False, description="believe a reverse proxy's headers about the client")
    async_mode: Literal["eventlet", "threading"] = "eventlet"
    """Green threads or real ones."""
    workers: int = Field(default=1, ge=1, le=64, description="processes that serve the port together")
    engine: Literal["auto", "numbers", "vosk"] = "auto"
    """See `asr.loading.load_engines`."""
    numbers_model: Path = PACKAGE / "asr" / "numbers" / "numbers.onnx"
    """The numbers network."""
    vosk_models: dict[str, str] = Field(default_factory=dict, description="language code -> folder or name of a model")
    languages_dir: Path = PACKAGE / "languages"
    """The language files."""
    prompts_dir: Path = ROOT / "audio_prompts"
    """The standard voices."""
    client_dir: Path = ROOT / "client"
    """The page's files."""
    vendor_dir: Path = ROOT / "node_modules"
    """The page's libraries and fonts."""
    data_dir: Path = DATA
    """Everything that the server writes."""
    no_backups: bool = Field(default=False, description="make no daily copy of the SQLite file in data_dir")
    database_url: str | None = Field(default=None, description="None: an SQLite file in data_dir")
    message_queue: str | None = Field(default=None, description="address of a Redis or Valkey")
    default_language: str | None = None
    """For a browser that asks for none of ours; None: Marathi, or else the first one with a recogniser."""
    max_sessions: int = Field(default=400, ge=1, le=10_000)
    """Drills at the same time."""
    session_ttl_s: float = Field(default=120, gt=0)
    """How long a drill without a connection can be resumed."""
    duplex: Literal["full", "half"] = Field(default="full", description="half: deaf while a prompt plays")
    thinking_s: float = Field(default=12, ge=1, le=120)
    """Silence before the first hint."""

    @model_validator(mode="before")
    @classmethod
    def _lan_is_for_others(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {"host": "0.0.0.0"} | given if given.get("lan") else given

    @model_validator(mode="after")
    def _must_fit_together(self) -> "Settings":
        if self.lan:
            try:
                IPv4Address(self.host)
            except AddressValueError:
                raise ValueError("with --lan, --host must be an IPv4 address of this computer") from None
            if self.guide_port == self.port:
                raise ValueError("--guide-port must differ from --port")
            if self.behind_proxy:
                raise ValueError("--lan is its own HTTPS: leave either --lan or --behind-proxy away")
        if self.workers > 1 and not hasattr(socket, "SO_REUSEPORT"):
            raise ValueError("--workers needs a system where processes can share a port (SO_REUSEPORT), such as Linux")
        return self

    @field_validator("languages_dir", "prompts_dir", "client_dir", "vendor_dir", "data_dir")
    @classmethod
    def _from_here(cls, folder: Path) -> Path:
        # Flask resolves a relative path against the package.
        return folder.absolute()

    @field_validator("languages_dir", "prompts_dir", "client_dir")
    @classmethod
    def _must_exist(cls, folder: Path) -> Path:
        if not folder.is_dir():
            raise ValueError(f"there is no folder {folder}")
        return folder

    @field_validator("database_url")
    @classmethod
    def _must_be_known(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must be postgresql://user@host/name or sqlite:////file")
        return url

    @property
    def shares_data_dir(self) -> bool:
        """Whether several servers may use the data folder: where the database is not in it."""
        return self.database_url is not None and self.database_url.startswith("postgresql")

    @property
    def url(self) -> str:
        """The page's address on this computer, without --lan."""
        host = "localhost" if self.host in HERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def prepare_data_dir(self) -> Path:
        """Create the data folder if needed and return it. Raises SettingsError if it cannot be written."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            probe = self.data_dir / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise SettingsError(
                f"the data folder {self.data_dir} cannot be written ({error.strerror}): choose another one with --data"
            ) from None
        return self.data_dir
