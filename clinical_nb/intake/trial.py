"""Run by itself: read a file of SPSS in a process of its own, for a damaged one ends the process that reads it.

Both readers do so: of 1,000 files with one to eight bytes changed, pyreadstat 1.3.7 (a fault of memory) and
polars-readstat 0.25 (asking for more memory than there is) each ended about 15. Those of SAS and Stata did not.
"""

import subprocess
import sys
from pathlib import Path

_SECONDS = 60  # and one more for each megabyte: a reader that is not done then never is
_MEGABYTE = 1024**2
_ROOM = 4 * 1024**3  # bytes of addresses, and twenty times those of the file: more is asked for by damage alone


def survives(path: Path) -> bool:
    """Tell whether both readers come to an end with a file, be it with an error."""
    size = path.stat().st_size
    command = [sys.executable, "-I", __file__, str(path), str(_ROOM + 20 * size)]
    try:
        ended = subprocess.run(  # noqa: S603 - this very file, and a path that is passed as it is
            command, capture_output=True, check=False, timeout=_SECONDS + size / _MEGABYTE
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def _read(path: str, room: int) -> None:
    """Read a file as it will be read, and pass over errors, which are no harm."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - which Windows has not

        resource.setrlimit(resource.RLIMIT_AS, (room, room))
    import polars_readstat  # noqa: PLC0415 - after the limit, and never where this module is only imported
    import pyreadstat  # noqa: PLC0415 - the same

    reasons = {"columns": "all", "use_value_labels": False}
    for attempt in (
        lambda: pyreadstat.read_sav(path, user_missing=True, output_format="dict", disable_datetime_conversion=True),
        lambda: polars_readstat.read_readstat(  # pyright: ignore[reportUnknownMemberType] - in part
            path, threads=1, preserve_order=True, informative_nulls=reasons
        ),
    ):
        try:
            attempt()
        except BaseException as error:  # noqa: BLE001 - a panic of Rust is one too
            sys.stderr.write(f"{error}\n")


if __name__ == "__main__":
    _read(sys.argv[1], int(sys.argv[2]))
