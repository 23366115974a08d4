"""A drill in a browser, through a real proxy, while the processes that serve it are killed."""

from pathlib import Path

import psutil
import pytest

from tests.support.nginx import running_nginx
from tests.support.programs import NotInstalled, do_without
from tests.test_workers import Cluster, cluster

from .conftest import OpenPage

pytestmark = pytest.mark.browser


def kill_who_serves(running: Cluster) -> None:
    """Every worker that the proxy has a line to: the drill's is one of them."""
    port = int(running.url.rsplit(":", 1)[1])

    def serves(worker: psutil.Process) -> bool:
        return any(line.status == "ESTABLISHED" and line.laddr.port == port for line in worker.net_connections("tcp"))

    for worker in running.workers().values():
        if serves(worker):
            worker.kill()


def test_its_worker_is_killed_three_times(open_page: OpenPage, silent_prompts: Path, tmp_path: Path) -> None:
    (tmp_path / "nginx").mkdir()
    try:
        with (
            cluster(tmp_path, silent_prompts, "--behind-proxy") as running,
            running_nginx(tmp_path / "nginx", "paadas.conf", running.url.removeprefix("http://")) as url,
        ):
            drill = open_page("en", url, may_complain=True)
            drill.open([7])
            drill.start()
            drill.wait_until(lambda: drill.payloads("say"))
            for number in range(1, 11):
                if number in (3, 5, 8):
                    drill.hear_again(lambda: kill_who_serves(running))
                assert drill.payloads("say")[-1]["question"]["number"] == number
                drill.answer()
            drill.wait_for(screen="finished")
            assert drill.text("finished-score") == drill.score(10, 10)
    except NotInstalled as missing:
        do_without(missing)
