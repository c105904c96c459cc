"""An archive: one file that holds every version of a dataset, written for another store and read as a stranger's.

It is a zip of `parquet/<table hash>.parquet` and of a manifest, which has the metadata of all versions. Of what is
read, nothing is believed: each table is hashed, each version is hashed, and no name in it is a place to write to.
"""

import json
import re
import zipfile
import zlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from clinical_nb.dataset import dataset_of
from clinical_nb.dictionary.meaning import has_aliases
from clinical_nb.errors import ClinicalError, DictionaryError, FileError, StoreError
from clinical_nb.intake.limits import current_limits, raise_to, refuse_large
from clinical_nb.intake.unpack import as_zip, refuse_methods
from clinical_nb.store.datastore import DataStore
from clinical_nb.store.files import check_names
from clinical_nb.store.hash import hash_table, logical_type
from clinical_nb.store.version import StoredTable, Version, version_from_json, version_to_json

MANIFEST = "clinical_nb_archive.json"  # the name of a member: what an archive is recognised by
_FORMAT = 1
_STORED_TYPES = frozenset({"boolean", "integer", "float", "date", "datetime", "datetime[UTC]", "text"})  # by an upload
_CHUNK = 1024**2
_HASH, _VERSION, _UPLOAD = (re.compile(f"[0-9a-f]{{{digits}}}") for digits in ("32", "16", "1,64"))
_ODD = "has a table with values that no upload of clinical_nb stores"
_UPLOAD_INSTEAD = "Export its tables where it was packed, and upload them."
_AGAIN = "Copy it here again, or pack it again."
# What the standard library makes of a zip, or of JSON, that is not what it says.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, TypeError, AttributeError, RuntimeError,
    OverflowError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that is being read: its file, and the versions that it holds, by number."""

    file: Path
    zip: zipfile.ZipFile
    versions: tuple[Version, ...]


def pack(versions: Sequence[Version], files: Mapping[str, Path], target: Path) -> None:
    """Write an archive of one dataset's versions, from the Parquet file of each table by its hash.

    The same versions give the same bytes, wherever the Parquet files are the same.

    Raises
    ------
    ClinicalError
        When there are more versions than one archive holds.
    OSError
        When a file cannot be read or written.

    """
    manifest = {
        "format": _FORMAT,
        "dataset": versions[0].dataset,
        "versions": [version_to_json(version) for version in versions],
    }
    text = json.dumps(manifest, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > current_limits().manifest:
        problem = f"'{versions[0].dataset}' has more versions than one archive holds: {len(versions):,}."
        raise ClinicalError(problem, "Drop those that are not needed, or export the tables.")
    with zipfile.ZipFile(target, "w") as packed:
        for table_hash, source in sorted(files.items()):
            with (
                source.open("rb") as content,
                packed.open(_member(_member_name(table_hash)), "w", force_zip64=True) as member,
            ):
                while chunk := content.read(_CHUNK):
                    member.write(chunk)
        packed.writestr(_member(MANIFEST), text, zipfile.ZIP_DEFLATED)


def is_archive(file: Path) -> bool:
    """Tell whether a file is an archive, whatever it is called; what cannot be read is none, nor a pipe or a device."""
    if not file.is_file():
        return False
    try:
        with file.open("rb") as content, as_zip(content, file.name) as packed:
            return MANIFEST in packed.namelist()
    except (*_BROKEN, OSError, FileError):
        return False


@contextmanager
def open_archive(file: Path, store: DataStore) -> Generator[Archive]:
    """Open an archive, whose versions were checked but for the content of their tables.

    Raises
    ------
    FileError
        When it is damaged, or a newer clinical_nb packed it.

    """
    with ExitStack() as opened:
        with _damage_told(file):
            packed = opened.enter_context(as_zip(opened.enter_context(file.open("rb")), file.name))
        with _damage_told(file):
            versions = _read_manifest(packed, file, store)
        yield Archive(file, packed, versions)


def check_members(archive: Archive, tables: Iterable[StoredTable]) -> None:
    """Read the bytes of these tables through, so that an archive which was damaged is found out before any is stored.

    Raises
    ------
    FileError
        When one is damaged, missing, or would unpack to unreasonably much.

    """
    with _damage_told(archive.file):
        for table in tables:
            for _ in _read(archive.zip, _member_name(table.hash), archive.file):
                pass


@contextmanager
def open_table(archive: Archive, table: StoredTable, place: Path) -> Generator[pl.LazyFrame]:
    """Give a table of an archive, which is what is said of it, as a scan of what is unpacked into a folder for it.

    Raises
    ------
    FileError
        When it is damaged, missing, or unreasonably large.
    StoreError
        When the folder cannot be written.

    """
    unpacked = place / f"{table.hash}.parquet"
    try:
        with _damage_told(archive.file):
            _write(_read(archive.zip, _member_name(table.hash), archive.file), unpacked)
        try:
            scan = pl.scan_parquet(unpacked, glob=False, hive_partitioning=False)
            schema = {name: logical_type(name, dtype) for name, dtype in scan.collect_schema().items()}
            rows = scan.select(pl.len()).collect().item()
            refuse_large(rows, len(schema), archive.file.name)
            found = StoredTable(hash_table(scan), rows, len(schema), schema)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, StoreError) as error:
            raise _damaged(archive.file) from error
        if found != table:
            raise _damaged(archive.file)
        if not _is_as_uploaded(scan):
            raise FileError(archive.file.name, _ODD, _UPLOAD_INSTEAD)
        yield scan
    finally:
        unpacked.unlink(missing_ok=True)


def _read_manifest(packed: zipfile.ZipFile, file: Path, store: DataStore) -> tuple[Version, ...]:
    """Return the versions of a manifest; any of `_BROKEN` is raised where something is not as it should be."""
    size = packed.getinfo(MANIFEST).file_size
    if size > current_limits().manifest:
        problem = f"has a list of versions of {size / 1024**2:,.0f} MB, which is refused as unsafe"
        raise FileError(file.name, problem, raise_to("manifest", size))
    content = json.loads(b"".join(_read(packed, MANIFEST, file)).decode(), parse_constant=_refuse_constant)
    json.dumps(content, ensure_ascii=False).encode()  # which a lone surrogate does not survive
    if content["format"] != _FORMAT:
        raise FileError(file.name, "was packed by a newer clinical_nb", "Upgrade clinical_nb.")
    versions = tuple(version_from_json(entry) for entry in content["versions"])
    for version in versions:
        _check(version, str(content["dataset"]), store)
    tables = [table for version in versions for table in version.tables.values()]
    by_hash = {table.hash: table for table in tables}
    if any(by_hash[table.hash] != table for table in tables):
        raise ValueError(MANIFEST)
    if any(not _STORED_TYPES.issuperset(table.schema.values()) for table in tables):
        raise FileError(file.name, _ODD, _UPLOAD_INSTEAD)
    numbers = [version.number for version in versions]
    if not versions or numbers != sorted(set(numbers)) or len({each.upload_id for each in versions}) < len(numbers):
        raise ValueError(numbers)
    return versions


def _check(version: Version, dataset: str, store: DataStore) -> None:
    """Raise where a version is not one that a store could have written."""
    check_names([version.dataset, *version.tables])
    made_of = version.provenance
    is_whole = (
        version.dataset == dataset
        and type(version.number) is int
        and 0 < version.number < 1 << 31
        and (version.parent is None or _VERSION.fullmatch(version.parent))
        and _UPLOAD.fullmatch(version.upload_id)
        and version.created.tzinfo is not None
        and made_of.columns.keys() == version.tables.keys()
        and all(isinstance(source["name"], str) for source in made_of.sources)
        and (made_of.declared is None or _are_texts(made_of.declared[field] for field in ("name", "text")))
        and all(map(_is_finding, made_of.findings))
    )
    for name, table in version.tables.items():
        is_whole = is_whole and (
            _HASH.fullmatch(table.hash)
            and type(table.rows) is type(table.columns) is int
            and _are_texts(table.schema.values())
            and type(made_of.columns[name]) is list
            and sorted(made_of.columns[name]) == sorted(table.schema)
        )
    if not is_whole or not version.tables or has_aliases(version.dictionary):
        raise ValueError(version.dataset_version)
    seen = dataset_of(version, store)
    if not seen.dictionary.tables or len(seen.report) != len(made_of.findings):
        raise ValueError(version.dataset_version)


def _is_finding(entry: Mapping[str, object]) -> bool:
    texts = [entry["table"], entry["text"], entry["proposal"], entry["column"] or ""]
    return type(entry["rows"]) is int and _are_texts(texts)


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _read(packed: zipfile.ZipFile, name: str, file: Path) -> Generator[bytes]:
    """Yield a member piece by piece, and not a byte more than it declares."""
    member = packed.getinfo(name)
    refuse_methods([member], file.name)
    limits = current_limits()
    if member.file_size > max(limits.floor, limits.ratio * member.compress_size):
        problem = f"would unpack to {member.file_size / 1024**2:,.0f} MB, which is refused as unsafe"
        raise FileError(file.name, problem, raise_to("ratio", -(-member.file_size // max(member.compress_size, 1))))
    left = member.file_size
    with packed.open(member) as content:
        while piece := content.read(_CHUNK):
            left -= len(piece)
            if left < 0:
                raise ValueError(name)
            yield piece


def _is_as_uploaded(table: pl.LazyFrame) -> bool:
    """Tell whether a table has only what an upload stores: no categories, and only numbers that are finite."""
    if any(isinstance(dtype, pl.Categorical | pl.Enum) for dtype in table.collect_schema().dtypes()):
        return False
    finite = table.select(pl.all_horizontal(pl.selectors.float().is_finite().all(), True))
    return bool(finite.collect(engine="streaming").item())


def _write(pieces: Iterable[bytes], file: Path) -> None:
    try:
        with file.open("xb") as unpacked:
            for piece in pieces:
                unpacked.write(piece)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"The archive cannot be unpacked in '{file.parent}': {reason}.", "Free its disk.") from error


def _member(name: str) -> zipfile.ZipInfo:
    """Return a member without the time of its packing, which would make each archive another."""
    member = zipfile.ZipInfo(name)
    member.external_attr = 0o600 << 16
    return member


def _member_name(table_hash: str) -> str:
    return f"parquet/{table_hash}.parquet"


def _refuse_constant(constant: str) -> None:
    raise ValueError(constant)


@contextmanager
def _damage_told(file: Path) -> Generator[None]:
    try:
        yield
    except DictionaryError as error:
        raise _damaged(file) from error
    except ClinicalError:
        raise
    except FileNotFoundError as error:
        raise FileError(str(file), "is not there", "Check the path and the name.") from error
    except (*_BROKEN, OSError) as error:
        raise _damaged(file) from error


def _damaged(file: Path) -> FileError:
    return FileError(file.name, "is a damaged archive of a dataset", _AGAIN)
