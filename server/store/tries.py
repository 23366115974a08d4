"""The tries of passphrase, PIN and code, for all processes. Addresses stay for an hour."""

from dataclasses import asdict, dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from .database import writing
from .models import TryRow


@dataclass(frozen=True, slots=True)
class Try:
    """A try of a secret."""

    id: int
    at_ms: int
    secret: str
    """Name of the secret."""
    network: str
    """The client's network."""
    cleared: tuple[str, ...] = ()
    """For a right try: the names of the secrets whose counts it reset."""


class KeptTries:
    """The rows. Every method blocks and raises DBAPIError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, new: Try) -> None:
        """Store a try."""
        with writing(self._engine) as session:
            session.add(TryRow(**asdict(new) | {"cleared": " ".join(new.cleared)}))

    def recent(self) -> list[Try]:
        """Return the stored tries in their order: some dozens, since tries are slowed down."""
        with Session(self._engine) as session:
            rows = session.scalars(select(TryRow).order_by(TryRow.at_ms, TryRow.cleared))
            return [Try(row.id, row.at_ms, row.secret, row.network, tuple(row.cleared.split())) for row in rows]
