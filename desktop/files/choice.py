"""Which tables of a file are read, as what, with which columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from desktop.domain.errors import ImportFileError, InvalidInputError
from desktop.files.reading import mapping_for
from desktop.files.sources import Detection, Profile, detect, profiles
from desktop.files.tables import Table

AUTO = "auto"
RANK = {"orders": 3, "fans": 2, "interactions": 1, "claims": 1, "": 0}
Remembered = Callable[[str], tuple[str, dict[str, str]] | None]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is read: the profile, what gave it away, and each table with its mapping."""

    profile: Profile
    because: tuple[str, ...]
    tables: tuple[tuple[Table, Mapping[str, str]], ...]


def readable_sources() -> tuple[str, ...]:
    """Ids that may be named as a source."""
    return tuple(profile.id for profile in profiles().values() if profile.reads)


def choose(
    tables: Sequence[Table],
    source: str,
    mapping: Mapping[str, str] | None,
    remembered: Remembered,
) -> Choice:
    """The tables to read. Raises ImportFileError naming what is missing, InvalidInputError for a source
    nobody knows.
    """
    if not tables:
        raise ImportFileError("import_no_table")
    if source != AUTO and source not in readable_sources():
        raise InvalidInputError("import_source_unknown", source=source, known=list(readable_sources()))
    detections = [(table, detection_of(table, remembered)) for table in tables]
    if source == AUTO:
        source = _best_source(detections, mapping)
    profile = profiles()[source]
    if not profile.reads:
        raise ImportFileError("import_kind_not_read", kind=profile.name or profile.id)
    chosen: list[tuple[Table, Mapping[str, str]]] = []
    because: tuple[str, ...] = ()
    first_error: ImportFileError | None = None
    ordered = sorted(detections, key=lambda pair: pair[1] is None or pair[1].source != source)
    for table, detection in ordered:
        is_it = detection is not None and detection.source == source
        if chosen and not is_it:
            continue
        try:
            known = remembered(table.fingerprint()) if profile.is_generic else None
            own = known[1] if known and known[0] == source else None
            columns = mapping_for(profile, table, mapping, own)
            if profile.is_generic:
                _refuse_ambiguous(table, columns, told={**(own or {}), **(mapping or {})})
            chosen.append((table, columns))
        except ImportFileError as error:
            first_error = first_error or error
            continue
        if detection is not None and is_it:
            because = because or detection.because
    if not chosen:
        raise first_error or ImportFileError("import_no_table")
    return Choice(profile, because, tuple(chosen))


def _refuse_ambiguous(table: Table, columns: Mapping[str, str], told: Mapping[str, str]) -> None:
    """Two columns of one name: which holds the field cannot be told, unless the owner said so.

    A platform's own export is known to repeat some, and its first one counts.
    """
    for field, header in columns.items():
        if field not in told and f"{header} (2)" in table.headers:
            raise ImportFileError("import_header_twice", column=header)


def detection_of(table: Table, remembered: Remembered) -> Detection | None:
    """What a table is: by its headers, else by what the owner said of the same header row before."""
    detection = detect(table.headers)
    if detection is not None:
        return detection
    known = remembered(table.fingerprint())
    return Detection(known[0], ()) if known and known[0] in profiles() else None


def _best_source(
    detections: Sequence[tuple[Table, Detection | None]], mapping: Mapping[str, str] | None
) -> str:
    found = [detection for _, detection in detections if detection is not None]
    if found:
        best = max(found, key=lambda d: (RANK[profiles()[d.source].reads], len(d.because)))
        return best.source
    for profile in profiles().values():
        if mapping and profile.is_generic and set(mapping) <= set(profile.fields):
            return profile.id
    headers = max((table.headers for table, _ in detections), key=len)
    raise ImportFileError("import_source_unclear", found=[header for header in headers if header][:60])
