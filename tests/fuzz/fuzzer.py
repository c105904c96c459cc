"""Damages small files of every format until something else comes of one than a table or a sentence.

`python fuzzer.py --seconds 600` prints each new finding, keeps its file, and fails where there was any; `--replay
FILE ...` tries files again. A finding is an error that is not ours, a crash, a hang, or memory that a small file takes.
"""

import argparse
import hashlib
import json
import os
import random
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mutations import mutate
from seeds import make_seeds

SLOW = 120.0  # seconds that a file of at most a megabyte may take, on a machine that does much else
MUCH = 1024**3  # bytes of memory that such a file may take beyond what was taken before
WORKER = Path(__file__).with_name("worker.py")


class Worker:
    """A process that reads files, and is started anew when it died or hung."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.process: subprocess.Popen[bytes] | None = None
        self.peak = 0

    def try_file(self, file: Path) -> str:
        """Return what is wrong with what came of a file; empty where it was read or refused."""
        process = self.process or self._start()
        process.stdin.write(json.dumps([str(file), str(self.place)]).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], SLOW)[0]:
            self.stop()
            return f"hang: not done in {SLOW:.0f} s"
        line = process.stdout.readline()
        if not line:
            said = self._last_words()
            self.stop()
            return f"crash: {said}"
        came = json.loads(line)
        grown, self.peak = came["peak"] - self.peak, came["peak"]
        if "raised" in came:
            sys.stdout.write(came["trace"] if os.environ.get("FUZZ_TRACES") else "")
            self.stop()  # what a panic leaves behind is not to be blamed on the next file
            return f"raised {came['raised']}"
        if grown > MUCH:
            self.stop()
            return "memory: more than 1 GB for a small file"
        return ""

    def stop(self) -> None:
        """End the process, if there is one."""
        if self.process:
            self.process.kill()
            self.process.communicate()
        self.process = None

    def _start(self) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "POLARS_MAX_THREADS": "1", "CLINICAL_NB_PROGRESS": "off"}
        with (self.place.parent / "said").open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=environment
            )
        self._warm_up()
        return self.process

    def _warm_up(self) -> None:
        """Let it read a file that does no harm, so that what its libraries take is not blamed on one that may."""
        first = self.place.parent / "first.csv"
        first.write_text("id,sex\n1,f\n2,m\n")
        self.peak = 1 << 60
        wrong = self.try_file(first)
        if wrong:
            raise RuntimeError(f"The worker does not work: {wrong} {self._last_words()}")

    def _last_words(self) -> str:
        code = self.process.wait() if self.process else None
        said = (self.place.parent / "said").read_text(errors="replace").strip().splitlines()
        return f"exit {code}: {said[0][:120] if said else ''}"


def cases(seeds: dict[str, bytes], only: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the names of seeds with what they were made into, without end; first as they are."""
    chosen = [name for name in seeds if only in name]
    yield from ((name, seeds[name]) for name in chosen)
    others = list(seeds.values())
    while True:
        name = chance.choice(chosen)
        yield name, mutate(seeds[name], others, chance)


def fuzz(arguments: argparse.Namespace, folder: Path) -> int:
    """Try damaged files for some seconds; return how many findings there were."""
    place = folder / "place"
    place.mkdir()
    worker = Worker(place)
    found: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    alone = 0
    end = time.monotonic() + arguments.seconds
    for name, data in cases(make_seeds(), arguments.only, random.Random(arguments.seed)):  # noqa: S311 - no secret
        if time.monotonic() > end:
            break
        file = folder / name
        file.write_bytes(data)
        wrong = worker.try_file(file)
        if wrong.startswith("crash"):  # of a process that has read hundreds of others and may have no room left
            _empty(place)  # what it left there when it died
            again = worker.try_file(file)
            alone += not again
            wrong = again
        tried[Path(name).suffix] += 1
        left = sorted(each.name for each in folder.iterdir() if each not in (file, place))
        if set(left) - {"said", "first.csv"}:
            wrong = f"wrote beside its place: {left}"
        if not wrong and any(each.is_dir() for each in place.iterdir()):
            wrong = "left a folder behind"  # as a process that died may, but one that goes on may not
        _empty(place)
        file.unlink()
        if not wrong:
            continue
        kind = f"{Path(name).suffix} {wrong}"
        found[kind] += 1
        if found[kind] == 1:
            kept = arguments.keep / f"{hashlib.sha256(data).hexdigest()[:10]}_{name}"
            arguments.keep.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(data)
            print(f"{kept}: {wrong}", flush=True)  # noqa: T201 - what this is for
    worker.stop()
    print(f"{sum(tried.values()):,} files tried: {dict(tried.most_common())}")  # noqa: T201 - the same
    print(f"{alone:,} crashes that the file alone does not bring about")  # noqa: T201 - the same
    for kind, times in found.most_common():
        print(f"{times:6,} times {kind}")  # noqa: T201 - the same
    return len(found)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def replay(files: Sequence[Path], folder: Path) -> int:
    """Try files again; return how many of them are findings."""
    place = folder / "place"
    place.mkdir()
    worker = Worker(place)
    wrong = 0
    for file in files:
        copy = folder / file.name.partition("_")[2]
        shutil.copy(file, copy)
        said = worker.try_file(copy)
        copy.unlink()
        if said:
            wrong += 1
            print(f"{file}: {said}", flush=True)  # noqa: T201 - what this is for
    worker.stop()
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=None, help="of chance, to have the same files again")
    parser.add_argument("--only", default="", help="part of the names of the seeds to damage")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "clinical_nb_fuzz")
    parser.add_argument("--replay", type=Path, nargs="+")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = replay(arguments.replay, Path(folder)) if arguments.replay else fuzz(arguments, Path(folder))
    sys.exit(min(wrong, 100))


if __name__ == "__main__":
    main()
