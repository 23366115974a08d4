"""Paadas: spoken multiplication tables. Only `create_app` knows all parts, and joins them."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

from flask import Flask
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

from . import security
from .asr.loading import load_engines
from .audio.detector import WebRtcDetector
from .clock import now_ms, utc_ms
from .dialogue.messages import Clip
from .dialogue.settings import DialogueSettings
from .files import UNWRITTEN_FILE, Chores, SharedSign
from .lan.addresses import own_hosts
from .languages import Language, available, load_language
from .live import metrics
from .live.background import repeat
from .live.concurrency import Concurrency, choose_concurrency
from .live.factory import SessionFactory
from .live.gateway import SWEEP_S, TICK_S, Gateway
from .live.health import DRAINING, LOOK_EVERY_S, OK, Health
from .live.probes import make_health, parts_found
from .live.queue import MessageQueue
from .live.serving.connections import Connections
from .live.serving.guard import only_todays_websockets
from .live.serving.limits import limits_for, raise_descriptor_limit
from .live.serving.sockets import Callers, make_socketio
from .live.sessions import SessionRegistry
from .live.wire import TolerantJson
from .settings import Settings, SettingsError
from .store.clock_steps import ClockSteps
from .store.daily import FOLDER, DailyBackups
from .store.database import open_database
from .store.newcomers import Newcomers
from .store.reports import overview
from .store.retention import Retention
from .store.sessions import Sessions as KeptSessions
from .store.snapshots import Snapshots, SnapshotTasks
from .store.store import Store
from .store.transfers import Transfer, Transfers
from .store.upkeep import Upkeep
from .store.writer import Writer
from .systemd import ALIVE, READY, notify
from .voices.packs import Packs
from .voices.prompts import load_clips
from .voices.service import VoiceService
from .voices.sounds import ClipSounds, Neighbours
from .web.check import register_check, spoken_number
from .web.kiosk import register_kiosk
from .web.learners import register_learners
from .web.pages import register_pages
from .web.pwa import register_installable
from .web.teacher import register_teacher
from .web.teacher.context import Parts
from .web.teacher.sessions import Sessions
from .web.trusted_hosts import only_for_here, without_forwarded
from .web.voices import register_voices

WRITE_EVERY_S, FORGET_EVERY_S = 1.0, 10.0
# Often enough for a computer that runs a quarter of an hour a day.
BACK_UP_EVERY_S = REDUCE_EVERY_S = 300.0
# Each piece of work takes 75 ms: a quarter of a core, and drills go first.
SNAPSHOT_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Server:
    """The application, ready to run: the Flask app, its Socket.IO server, and what `start_tasks` keeps going."""

    app: Flask
    socketio: SocketIO
    gateway: Gateway
    store: Store
    writer: Writer
    health: Health
    snapshot_tasks: SnapshotTasks
    forget_unfinished: Callable[[], None]
    clock_steps: ClockSteps
    retention: Retention
    backups: DailyBackups | None
    concurrency: Concurrency
    connections: Connections
    languages: Mapping[str, Language]
    default_language: str
    learn_prompts: Callable[[], None]
    chores: Chores
    data_dir: Path
    queue: MessageQueue | None
    worker: str
    """The name of this process among those that serve together."""

    def start_tasks(self) -> None:
        """Start the clock of the drills, the retries of the store, the sweeps and the upkeep."""
        self.socketio.start_background_task(self.learn_prompts)
        if self.chores.are_mine():
            self.socketio.start_background_task(self.concurrency.offload_upkeep, self.snapshot_tasks.refresh_all)
        self.socketio.start_background_task(self.watch)
        if self.queue is not None:
            self.queue.start()
        self.keep_doing(LOOK_EVERY_S, self.watch)
        self.keep_doing(TICK_S, self.gateway.tick)
        self.keep_doing(SWEEP_S, self.gateway.sweep)
        self.keep_doing(SWEEP_S, self.gateway.let_go)
        self.keep_doing(SWEEP_S, self.connections.sweep)
        self.keep_doing(WRITE_EVERY_S, lambda: self.writer.retry(now_ms()))
        self.keep_doing(FORGET_EVERY_S, self.forget_unfinished)
        self.keep_doing(FORGET_EVERY_S, lambda: self.concurrency.offload_upkeep(self.store.empty_log))
        self.do_for_all(FORGET_EVERY_S, lambda: self.clock_steps.look(utc_ms(), now_ms()))
        self.do_for_all(FORGET_EVERY_S, lambda: security.rotate(self.data_dir))
        self.do_for_all(REDUCE_EVERY_S, lambda: self.retention.run(utc_ms()))
        if (backups := self.backups) is not None:
            self.do_for_all(BACK_UP_EVERY_S, backups.make_if_due)
        self.keep_doing(SNAPSHOT_EVERY_S, self.snapshot_tasks.work)

    def watch(self) -> None:
        """Tell systemd that the server is alive. It restarts a server that is not."""
        self.health.look()
        for part, found in parts_found(self.health, self.writer.health.code).items():
            metrics.HEALTHY.labels(self.worker, part).set(found == OK)
        metrics.STORE_PENDING.set(self.writer.health.pending)
        metrics.STORE_LOST.set(self.writer.health.lost)
        metrics.WORKERS.set(1)
        if self.health.is_live:
            notify(READY, ALIVE)

    def do_for_all(self, every_s: float, chore: Callable[[], object]) -> None:
        """Do something again and again, in one process of the data folder."""

        def do() -> None:
            if self.chores.are_mine():
                self.concurrency.offload_upkeep(chore)

        self.keep_doing(every_s, do)

    def keep_doing(self, every_s: float, action: Callable[[], object]) -> None:
        self.socketio.start_background_task(repeat, self.socketio.sleep, every_s, action)


def create_app(settings: Settings, worker: str = "1") -> Server:
    """Load languages, prompts and models and join them. Raises the errors of settings, languages, engines and store.

    `worker`: the name of this process in `/metrics`.
    """
    concurrency = choose_concurrency(settings.async_mode, settings.workers)
    data_dir = settings.prepare_data_dir()
    languages = {code: load_language(code, settings.languages_dir) for code in available(settings.languages_dir)}
    engines = load_engines(
        settings.engine, languages, settings.numbers_model, settings.vosk_models, cache_dir=data_dir / "models"
    )
    languages = {code: language for code, language in languages.items() if code in engines}
    standard = {code: load_clips(settings.prompts_dir, language) for code, language in languages.items()}
    voice_service = VoiceService(Packs(data_dir / "voices"), languages, standard, engines)
    dialogue_settings = DialogueSettings(
        thinking_ms=round(settings.thinking_s * 1000), full_duplex=settings.duplex == "full"
    )

    security.keep_in(data_dir)
    database = open_database(settings.database_url, data_dir, upgrade=False)
    store = Store(database)
    clock_steps = ClockSteps(database)
    unwritten = SharedSign(data_dir, UNWRITTEN_FILE)
    writer = Writer(store, concurrency.offload_store, tell_waiting=unwritten.show)
    has_others = settings.workers > 1 or settings.shares_data_dir
    has_backups = database.dialect.name == "sqlite" and not settings.no_backups
    backups = DailyBackups(database, data_dir / FOLDER) if has_backups else None
    snapshots = Snapshots(database, utc_ms)
    snapshot_tasks = SnapshotTasks(snapshots, concurrency.offload_upkeep)
    ttl_ms = settings.session_ttl_s * 1000
    sounds = ClipSounds(settings.prompts_dir, data_dir / "voices")
    neighbours = Neighbours(sounds)
    factory = SessionFactory(
        languages,
        engines,
        voice_service.clips,
        sounds.samples,
        neighbours.are_saying,
        dialogue_settings,
        data_dir,
        store,
        writer,
        snapshots,
        snapshot_tasks,
        concurrency,
        ttl_ms,
    )

    app = Flask(__name__, static_folder=None)
    default_language = choose_default(settings.default_language, languages)
    register_voices(app, voice_service)

    def hear(code: str, pcm: bytes) -> tuple[int | None, float]:
        return spoken_number(engines[code], languages[code], WebRtcDetector(), pcm)

    register_check(app, voice_service, languages, hear, concurrency.offload)

    def transferred(transfer: Transfer) -> None:
        how = "failed" if transfer.reason else "done"
        security.note(f"{transfer.kind}_{how}", rows=transfer.rows, reason=transfer.reason or "-")
        if transfer.kind == "import":
            snapshot_tasks.refresh_all()

    parts = Parts(
        records=store,
        overview=partial(overview, database),
        transfers=Transfers(database.url.render_as_string(hide_password=False), data_dir, transferred),
        sessions=Sessions(KeptSessions(database)),
        newcomers=Newcomers(database),
        languages=languages,
        default_language=default_language,
        pictures=pictures_in(settings.client_dir),
        data_dir=data_dir,
        voice_service=voice_service,
        upkeep=Upkeep(store, data_dir, clock_steps, snapshot_tasks.refresh_all),
        offload=concurrency.offload_page,
        offload_long=concurrency.offload_long,
        backups=backups,
    )
    register_learners(app, parts)
    try:
        access = register_teacher(app, parts)
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be read or written ({error.strerror}): mend its owner") from None
    register_kiosk(app, settings.client_dir, parts, access)
    register_installable(app, settings, languages, default_language)
    # The kernel spreads the drills evenly over the workers.
    max_sessions = ceil(settings.max_sessions / settings.workers)
    connections = Connections(limits_for(max_sessions, raise_descriptor_limit()))
    socketio = make_socketio(
        app, concurrency.mode, partial(concurrency.websockets, connections), connections, TolerantJson
    )
    queue = None
    if settings.message_queue is not None:
        queue = MessageQueue(
            settings.message_queue,
            {"taken": lambda key: gateway.let_go_of(key)},
            socketio.start_background_task,
            concurrency.one_thread(),
            concurrency.one_thread(),
        )
    health = make_health(
        concurrency.recognise,
        concurrency.offload_store,
        socketio.start_background_task,
        engines,
        database,
        data_dir,
        queue,
    )
    register_pages(
        app,
        settings,
        languages,
        default_language,
        engines,
        lambda: parts_found(health, writer.health.code) | {"starts": DRAINING if gateway.is_draining else OK},
        voice_service,
    )
    app.wsgi_app = without_forwarded(only_todays_websockets(app.wsgi_app))  # type: ignore[assignment, method-assign]
    if settings.behind_proxy:
        # One proxy, which names its visitors. Under its own address all children would share one limit of tries.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)  # type: ignore[method-assign]
    else:
        own_names = {settings.host.lower().rstrip("."), *own_hosts(socket.gethostname())}
        app.wsgi_app = only_for_here(  # type: ignore[assignment, method-assign]
            app.wsgi_app, own_names, languages, default_language
        )
    sessions = SessionRegistry(max_sessions, ttl_ms)
    gateway = Gateway(
        socketio,
        sessions,
        Callers(socketio, connections),
        languages,
        default_language,
        factory.session,
        concurrency.starts_at_once,
        concurrency.late_ms,
        factory.taken_over,
        partial(queue.tell, "taken") if queue else lambda key: None,
        factory.is_stored,
        unwritten.is_seen if has_others else lambda: False,
    )
    return Server(
        app,
        socketio,
        gateway,
        store,
        writer,
        health,
        snapshot_tasks,
        lambda: factory.forget_unfinished(gateway.living()),
        clock_steps,
        Retention(database, clock_steps),
        backups,
        concurrency,
        connections,
        languages,
        default_language,
        lambda: learn_prompts(neighbours, standard, concurrency),
        Chores(data_dir),
        data_dir,
        queue,
        worker,
    )


def learn_prompts(neighbours: Neighbours, clips: Mapping[str, Mapping[str, Clip]], concurrency: Concurrency) -> None:
    """Learn how prompts sound. Then no drill takes another tablet's prompt for an answer."""
    for language, spoken in clips.items():
        concurrency.offload_upkeep(neighbours.learn, language, spoken)


def pictures_in(client_dir: Path) -> tuple[str, ...]:
    """The short names of the pictures that children choose from."""
    return tuple(sorted(path.stem for path in (client_dir / "pictures").glob("*.svg")))


def choose_default(wanted: str | None, languages: dict[str, Language]) -> str:
    """The language for a visitor who speaks none of ours. Raises SettingsError if `wanted` is not served."""
    if wanted is not None and wanted not in languages:
        raise SettingsError(f"--default-language {wanted} is not served; these are: {', '.join(languages)}")
    return wanted or ("mr" if "mr" in languages else next(iter(languages)))
