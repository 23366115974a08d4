"""What an operator can set. Settings reject nonsense when they are made."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

ROOT = Path(__file__).parent.parent


class SettingsError(ValueError):
    """A setting cannot work on this machine; the message says which and what to do."""


class Settings(BaseModel):
    """Everything that can differ from one installation to the next. Times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=5000, ge=1, le=65535)
    async_mode: Literal["eventlet", "threading"] = "eventlet"
    engine: Literal["auto", "numbers", "vosk"] = "auto"
    numbers_model: Path = ROOT / "server" / "engines" / "numbers.onnx"
    vosk_models: dict[str, str] = Field(default_factory=dict, description="language code -> folder or name of a model")
    languages_dir: Path = ROOT / "server" / "languages"
    prompts_dir: Path = ROOT / "audio_prompts"
    client_dir: Path = ROOT / "client"
    vendor_dir: Path = ROOT / "node_modules"
    data_dir: Path = ROOT / "data"
    database_url: str | None = Field(default=None, description="None: an SQLite file in data_dir")
    default_language: str | None = None
    max_sessions: int = Field(default=400, ge=1, le=10_000)
    session_ttl_s: float = Field(default=120, gt=0)
    thinking_s: float = Field(default=12, ge=1, le=120)

    @field_validator("languages_dir", "prompts_dir", "client_dir", "vendor_dir", "data_dir")
    @classmethod
    def _from_here(cls, folder: Path) -> Path:
        # Flask takes a relative path for one below the package.
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

    def prepare_data_dir(self) -> Path:
        """The data folder, made if needed. Raises SettingsError where it cannot be written."""
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
