"""How many can practise at once: `python -m bench.load [--learners 50 100 200] [--seconds 40]`.

Learners in this process, the real server in another, both on this machine's cores. Every learner speaks one recorded
answer in about six seconds, in real time. Lost: answers that got no verdict within 25 s.
"""

import argparse
import asyncio
import re
import time
import urllib.request
from collections import Counter
from pathlib import Path

import psutil

from bench.common import quiet_server, recordings, right_answers, summary
from bench.learner import AnswerWith, Learner, Turn

CYCLE_S = 6.0
# A prompt of praise and question lasts so long; the microphone is closed meanwhile.
PROMPT_S = 2.5


class Pupil(Learner):
    """A learner who takes six seconds for a question: hears the prompt, thinks, answers."""

    lost = 0

    async def play_until(self, end_s: float, answer: AnswerWith) -> None:
        while time.monotonic() < end_s:
            _, say, _ = await self.expect("say")
            began_s = time.monotonic()
            await asyncio.sleep(PROMPT_S)
            await self.socket.emit("played", {"say": say["id"]})
            left, right = say["show"]["left"], say["show"]["right"]
            samples = answer(left, right)
            spare_s = CYCLE_S - (time.monotonic() - began_s) - len(samples) / 16_000 - 0.5
            self.thinks_ms = round(1000 * max(0.3, spare_s))
            try:
                await self.answer(left, right, samples)
            except TimeoutError:
                self.lost += 1
                return


async def practise(url: str, learners: int, seconds: float, answer: AnswerWith, language: str) -> list[Pupil]:
    pupils = [Pupil() for _ in range(learners)]
    end_s = time.monotonic() + seconds

    async def one(number: int, pupil: Pupil) -> None:
        # Nobody starts at the same moment as everybody else.
        await asyncio.sleep(CYCLE_S * number / learners)
        await pupil.connect(url)
        await pupil.start(language=language, tables=list(range(2, 10)), seed=number)
        await pupil.play_until(end_s, answer)
        await pupil.socket.disconnect()

    await asyncio.gather(*(one(number, pupil) for number, pupil in enumerate(pupils)))
    return pupils


def server_process(url: str) -> psutil.Process:
    port = url.rsplit(":", 1)[1]
    return next(
        process for process in psutil.process_iter(["cmdline"])
        if (line := process.info["cmdline"] or []) and "run.py" in line and port in line
    )


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def loop_lag(url: str) -> Counter[float]:
    """The histogram of the server's loop lag: upper bound in seconds -> count so far, cumulative."""
    text = urllib.request.urlopen(f"{url}/metrics", timeout=10).read().decode()
    return Counter({
        float(bound): int(float(count))
        for bound, count in re.findall(r'paadas_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
    })


def percentile_bound(before: Counter[float], after: Counter[float], share: float) -> float:
    """The smallest bound, in ms, below which `share` of the lags of this run lie."""
    counts = {bound: after[bound] - before[bound] for bound in after}
    total = max(counts.values())
    return min(bound for bound, count in counts.items() if count >= share * total) * 1000


def run(url: str, learners: int, seconds: float, answer: AnswerWith, language: str) -> None:
    process = server_process(url)
    base_mb, cpu_s, lag = process.memory_info().rss / 1e6, cpu_seconds(process), loop_lag(url)
    own = psutil.Process()
    own_s, began_s = cpu_seconds(own), time.monotonic()
    pupils = asyncio.run(practise(url, learners, seconds, answer, language))
    wall_s = time.monotonic() - began_s
    turns: list[Turn] = [turn for pupil in pupils for turn in pupil.turns]
    verdicts = Counter(turn.verdict["verdict"] for turn in turns if turn.verdict)
    errors = Counter(payload["code"] for pupil in pupils for name, payload in pupil.events if name == "error")
    after = loop_lag(url)
    print(f"{learners} learners, {len(turns)} answers in {wall_s:.0f} s")
    print(f"  voice to verdict: {summary([turn.latency_ms for turn in turns])} ms")
    print(f"  server's own share: {summary([turn.verdict['server_ms'] for turn in turns if turn.verdict])} ms")
    p50_ms, p99_ms = (percentile_bound(lag, after, share) for share in (0.5, 0.99))
    print(f"  loop lag: p50 below {p50_ms:.0f} ms, p99 below {p99_ms:.0f} ms")
    server_cores, own_cores = (cpu_seconds(process) - cpu_s) / wall_s, (cpu_seconds(own) - own_s) / wall_s
    print(f"  processor: server {server_cores:.2f} cores, learners {own_cores:.2f}")
    session_mb = (process.memory_info().rss / 1e6 - base_mb) / learners
    print(f"  memory {base_mb:.0f} MB before, {session_mb:.2f} MB more a session")
    print(f"  lost {sum(pupil.lost for pupil in pupils)}; {dict(verdicts)}; errors {dict(errors)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--language", default="en")
    parser.add_argument("--answers", type=Path, help="folder of wavs named by their number; default: the prompt voice")
    arguments = parser.parse_args()
    answer = right_answers(recordings(arguments.language, arguments.answers))
    for learners in arguments.learners:
        with quiet_server() as url:
            run(url, learners, arguments.seconds, answer, arguments.language)


if __name__ == "__main__":
    main()
