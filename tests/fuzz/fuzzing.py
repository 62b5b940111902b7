"""Puts mutated programs through every gate and looks for what must not happen.

    python tests/fuzz/fuzzing.py --programs 10000 --seed 1        a campaign
    python tests/fuzz/fuzzing.py --minutes 60 --seed 2 --full     one of an hour, with the limits of growth
    python tests/fuzz/fuzzing.py --seed 1 --only 4711             one mutant: its source and its verdicts

Mutant number i of seed S is always the same program (`mutation.py`). Each is written to a file, read as envforge
reads files, and examined by a `Validator` in the sandbox, several side by side as in growth. Nothing here parses
or runs a mutant. The exit status is 1 when something was found:

- an exception other than a verdict, a `SandboxError` included, or a reader (L1) that breaks of itself;
- an examination that lasts beyond its deadline;
- a runner or process of the sandbox that had to be started again, or a program that is called hostile;
- a verdict that cannot be stored as strict JSON, or an examination that the registry does not take;
- a program that passes and does not pass again in another sandbox;
- a process, container, descriptor or thread that is left behind;
- memory of this process that grows with the number of programs, or beyond 4 GiB at any moment.

Unless `--full` asks for the limits and sample sizes of growth, samples are small, calls get 0.1 s of CPU, and of
the mutants that L1 lets through only some meet all gates: one in 16, and one in four of the families that are made
for the late gates. Of the others the first instances are run; they count as "begun".

An examination has a ration of CPU time for all its calls together. One that exceeds it is cut short, which is
counted and is no finding. The deadline leaves room for the ration of every examination that runs beside it, ten
times over since machines are shared, and for the calls that are under way when the ration ends.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import queue
import resource
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

if __package__ in (None, ""):  # run as a file: the folder of the tests is where everything is imported from
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import campaign
from fuzz.findings import (
    BEGUN,
    BROKEN,
    CUT,
    PASSED,
    UNREADABLE,
    Belongings,
    Book,
    Finding,
    Outcome,
    end_of,
    flaws,
)
from fuzz.findings import resident_mib as memory
from fuzz.mutation import Mutant, Supply
from fuzz.rationing import Ration, RationedSandbox, Spent
from fuzz.settings import GRACE_SECONDS, LIGHT, Settings
from fuzz.summary import WARM, Summary, plain_lines, show, show_outcome
from rich.console import Console
from rich.progress import Progress, TextColumn

from envforge.config import ISOLATION_NAMES
from envforge.errors import UsageError
from envforge.sources import read_source
from envforge.validation import Validator
from envforge.verdict import Examination

AGAIN = 12  # programs that passed and are examined again in another sandbox, of the first `MOST_KEPT`
MOST_KEPT = 200
GROWTH_MIB = 256.0  # of this process, from the first `WARM` programs to the end
ADDRESS_BYTES = 4 * 2**30  # of this process: whatever would take more gets a MemoryError, which is a finding

Examine = Callable[[str, Ration], Examination]


class Campaign:
    """One run: threads that examine, and the calling thread, which counts, stores, and watches the clock."""

    def __init__(
        self,
        settings: Settings,
        make: Callable[[int], Mutant],
        folder: Path,
        seen: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        self.settings = settings
        self.make = make
        self.folder = folder
        self.seen = seen
        self.summary = Summary(settings.seed)
        self.passed: list[Outcome] = []
        self._numbers: Iterator[int] = iter(settings.numbers)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._outcomes: queue.Queue[Outcome] = queue.Queue()
        self._under_way: dict[int, tuple[float, int]] = {}  # number -> start, thread

    def run(self, watch: Callable[[Summary], None]) -> Summary:
        """All of it. `watch` is called about once a second. Ctrl-C ends it early, with what was found so far."""
        sandbox = RationedSandbox(self.settings.sandbox)
        sandbox.start()
        self.summary.level = sandbox.level
        at_once = self.settings.workers or 2 * sandbox.workers
        self.summary.deadline = self.settings.deadline(at_once, sandbox.workers)
        book = Book(self.folder, self.settings.seed, str(sandbox.level.value))
        self.run_with(sandbox, at_once, book, watch)
        if self.summary.ended not in ("interrupted", "overdue"):
            try:
                self._examine_again()
            except KeyboardInterrupt:
                self.summary.ended = "interrupted"
        book.close()
        self.summary.findings += book.findings
        return self.summary

    def run_with(
        self, sandbox: RationedSandbox, at_once: int, book: Book, watch: Callable[[Summary], None]
    ) -> None:
        """Examine everything in `sandbox`, and close it."""
        validator = Validator(sandbox, self.settings.validation)

        def examine(source: str, ration: Ration) -> Examination:
            sandbox.begin(ration)
            return validator.examine(source)

        threads = [
            threading.Thread(target=self._worker, args=(examine, sandbox), name=f"fuzzing-{n}", daemon=True)
            for n in range(at_once)
        ]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads) or not self._outcomes.empty():
                # An endless call of C code that holds the interpreter's lock would stop this thread as well. Then
                # this ends all; the mutants that were under way lie in the temporary folder envforge-fuzz-*.
                faulthandler.dump_traceback_later(2 * self.summary.deadline, exit=True)
                self._take(book)
                self.summary.seconds = time.monotonic() - start
                watch(self.summary)
                if self._time_is_up():
                    self.summary.ended = "time is up"
                    self._stop.set()
                if self._overdue():
                    self.summary.ended = "overdue"
                    break
            else:
                self.summary.ended = self.summary.ended or "all programs were examined"
        except KeyboardInterrupt:
            self.summary.ended = "interrupted"
        self._stop.set()
        self._close(sandbox, threads)
        while not self._outcomes.empty():
            self._take(book)
        self.summary.seconds = time.monotonic() - start
        counters = sandbox.counters
        self.summary.statuses, self.summary.requests = dict(counters.failures), counters.requests
        self.summary.restarts, self.summary.retries = counters.restarts, counters.retries
        self._judge_memory()

    def _worker(self, examine: Examine, sandbox: RationedSandbox) -> None:
        try:
            while not self._stop.is_set():
                with self._lock:
                    number = next(self._numbers, None)
                if number is None:
                    return
                self._work(number, examine, sandbox)
        except BaseException:
            self._find("campaign", traceback.format_exc(limit=-6), None)

    def _work(self, number: int, examine: Examine, sandbox: RationedSandbox) -> None:
        mutant = self.make(number)
        disturbances = sandbox.counters.restarts + sandbox.counters.retries
        self._under_way[number] = time.monotonic(), threading.get_ident()
        outcome = self._examined(mutant, examine)
        if sandbox.counters.restarts + sandbox.counters.retries > disturbances:
            beside = sorted(self._under_way)
            self._find("restart", f"the sandbox was disturbed; under way were the mutants {beside}", number)
        del self._under_way[number]
        closing = (
            self._stop.is_set() and outcome.end == BROKEN
        )  # what that does to an examination is our doing
        if not closing:
            self._outcomes.put(outcome)

    def _examined(self, mutant: Mutant, examine: Examine) -> Outcome:
        path = self.folder / f"{mutant.number}.py"  # what is under way can be found there after a crash
        start, ration = time.monotonic(), self.settings.ration(mutant)
        source, examination, error = "", None, ""
        try:
            path.write_bytes(mutant.data)
            source = read_source(path).source
            examination = examine(source, ration)
            end = end_of(examination)
        except Spent:
            end = BEGUN if ration is LIGHT else CUT
        except UsageError:
            end = UNREADABLE
        except BaseException:
            end, error = BROKEN, traceback.format_exc(limit=-6)
        path.unlink(missing_ok=True)
        return Outcome(mutant, source, examination, end, time.monotonic() - start, error)

    def _take(self, book: Book) -> None:
        """Count and judge the outcomes that came, for about a second."""
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            try:
                outcome = self._outcomes.get(timeout=0.2)
            except queue.Empty:
                return
            number, examination = outcome.mutant.number, outcome.examination
            self.summary.count(outcome)
            self.seen(outcome)
            if self.summary.programs == WARM:
                self.summary.memory_mib = memory(), 0.0
            if outcome.error:
                self._find("exception", outcome.error, number)
            if outcome.seconds > self.summary.deadline:
                self._find("deadline", f"{outcome.seconds:.0f} s", number)
            if examination is not None:
                for flaw in flaws(examination):
                    self._find(flaw.kind, flaw.text, number)
                book.add(outcome)
                if examination.passed and len(self.passed) < MOST_KEPT:
                    self.passed.append(outcome)

    def _find(self, kind: str, text: str, number: int | None) -> None:
        self.summary.findings.append(Finding(kind, text, number))
        if self.settings.keep is not None and number is not None:
            self.settings.keep.mkdir(parents=True, exist_ok=True)
            target = self.settings.keep / f"{kind}-{self.settings.seed}-{number}.py"
            target.write_bytes(self.make(number).data)

    def _time_is_up(self) -> bool:
        return self.settings.minutes is not None and self.summary.seconds > 60 * self.settings.minutes

    def _overdue(self) -> bool:
        """Whether an examination that is under way has missed its deadline; what it is at becomes a finding."""
        late = False
        for number, (start, thread) in list(self._under_way.items()):
            seconds = time.monotonic() - start
            if seconds > self.summary.deadline:
                frame = sys._current_frames().get(thread)
                where = "".join(traceback.format_stack(frame, limit=6)) if frame is not None else ""
                self._find("deadline", f"still under way after {seconds:.0f} s, at\n{where}", number)
                late = True
        return late

    def _close(self, sandbox: RationedSandbox, threads: list[threading.Thread]) -> None:
        """Wait for what is under way unless it is overdue, then end the sandbox."""
        faulthandler.cancel_dump_traceback_later()
        if self.summary.ended != "overdue":
            for thread in threads:
                thread.join(self.summary.deadline)
        closing = threading.Thread(target=sandbox.close, name="fuzzing-close", daemon=True)
        closing.start()
        closing.join(self.summary.deadline)
        if closing.is_alive():
            self._find("close", "the sandbox does not close", None)
        for thread in threads:
            thread.join(GRACE_SECONDS)

    def _judge_memory(self) -> None:
        warm = self.summary.memory_mib[0]
        if warm:
            self.summary.memory_mib = warm, memory()
            if memory() - warm > GROWTH_MIB:
                self._find("memory", f"{warm:.0f} MiB after {WARM} programs, {memory():.0f} at the end", None)

    def _examine_again(self) -> None:
        """Some that passed, in a sandbox of its own: a verdict must not depend on what ran before it."""
        chosen = self.passed[:: max(1, len(self.passed) // AGAIN)][:AGAIN]
        if not chosen:
            return
        sandbox = RationedSandbox(self.settings.sandbox)
        with sandbox:
            for outcome in chosen:
                sandbox.begin(self.settings.most)
                try:
                    end = end_of(Validator(sandbox, self.settings.validation).examine(outcome.source))
                except Spent:
                    end = CUT
                if end not in (PASSED, CUT):
                    self._find("again", f"it passed, but then ended at {end}", outcome.mutant.number)
        self.summary.again = len(chosen)


def run(
    settings: Settings, total: int | None, seen: Callable[[Outcome], None] = lambda outcome: None
) -> Summary:
    """A campaign with its progress; afterwards nothing of it may be left."""
    before = Belongings.now()
    with tempfile.TemporaryDirectory(prefix="envforge-fuzz-") as folder:
        supply = Supply(settings.seed)
        try:
            summary = _watched(Campaign(settings, supply.mutant, Path(folder), seen), total)
        finally:
            supply.close()
    summary.findings += before.leaks(summary.level)
    return summary


def _watched(job: Campaign, total: int | None) -> Summary:
    if not sys.stderr.isatty():
        return job.run(plain_lines(total))
    columns = (*Progress.get_default_columns(), TextColumn("{task.fields[rate]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("fuzzing", total=total, rate="")
        return job.run(
            lambda s: progress.update(
                task, completed=s.programs, rate=f"{s.rate:.1f}/s, {len(s.findings)} findings"
            )
        )


def _level(text: str) -> int:
    if text in ISOLATION_NAMES:
        return ISOLATION_NAMES.index(text)
    if text.isdigit() and int(text) < len(ISOLATION_NAMES):
        return int(text)
    raise argparse.ArgumentTypeError(f"no level '{text}': choose from 0 to 5 or {', '.join(ISOLATION_NAMES)}")


def options() -> argparse.Namespace:
    lines = (__doc__ or "").splitlines()
    parser = argparse.ArgumentParser(
        description=lines[0],
        epilog="\n".join(lines[2:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--programs", type=int, metavar="N", help="mutants to make (default 10,000; none with --minutes)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which mutants (default 1)")
    parser.add_argument("--only", type=int, metavar="I", help="this mutant alone: show and examine it")
    parser.add_argument(
        "--isolation", type=_level, metavar="LEVEL", help="exactly this level, by number or name"
    )
    parser.add_argument(
        "--workers", type=int, default=0, metavar="W", help="examinations at once (default: 2 per core)"
    )
    parser.add_argument("--minutes", type=float, metavar="M", help="stop after so many minutes")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the mutants of findings there")
    parser.add_argument("--full", action="store_true", help="the limits and sample sizes of growth")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    return parser.parse_args()


def main() -> int:
    """Run what was asked for; 1 when something was found."""
    chosen = options()
    if chosen.only is not None:
        numbers = range(chosen.only, chosen.only + 1)
    elif chosen.programs is None and chosen.minutes is not None:
        numbers = range(sys.maxsize)
    else:
        numbers = range(10_000 if chosen.programs is None else chosen.programs)
    settings = Settings(
        chosen.seed, numbers, chosen.isolation, chosen.workers, chosen.minutes, chosen.keep, chosen.full
    )
    console = Console()
    campaign.adopt_orphans()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))

    def seen(outcome: Outcome) -> None:
        if chosen.only is not None and not chosen.json:
            show_outcome(outcome, console)

    summary = run(settings, len(numbers) if numbers.stop < sys.maxsize else None, seen)
    if chosen.json:
        print(json.dumps(summary.as_dict()))
    else:
        show(summary, console)
    return 1 if summary.findings else 0


if __name__ == "__main__":
    sys.exit(main())
