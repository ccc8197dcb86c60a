"""Which trained model belongs to the present data, and how it is made. Training is `rasa train` in a process of its own."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.errors import ModelMissing, TrainingFailed
from bot.settings import PROJECT_ROOT, Settings

#: Everything that a model is made from; a change here means training again.
_INGREDIENTS = (
    "config.yml",
    "requirements.lock",
    "bot/domain/**/*.yml",
    "bot/rules/**/*.yml",
    "nlu/**/*.yml",
    "nlu/**/*.py",
    "knowledge/articles/**/questions.yml",
    "knowledge/places/places.csv",
    "knowledge/importer.py",
    "bot/training.py",
    "knowledge/examples.py",
)

#: Read when a model is loaded, not when it is trained.
_READ_WITH_A_MODEL = (
    "calibration.yml",
    "calibration.py",
    "doubt.py",
    "follow_up.py",
    "evaluate.py",
    "curves.py",
    "report.py",
    "parts.py",
    "frames.py",
    "frames.yml",
    "meaning.py",
    "topics.py",
    "topics.yml",
    "tuning.py",
    "labels.py",
)


#: Said by Rasa before each component.
_COMPONENT_BEGUN = re.compile(r"Starting to train component '(\w+)'")


def fingerprint(root: Path = PROJECT_ROOT) -> str:
    """A short hash of everything a model is made from."""
    digest = hashlib.sha256()
    for path in _ingredients(root):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def model_path(models_dir: Path, root: Path = PROJECT_ROOT) -> Path:
    """Where the model for the present data is, or would be."""
    return models_dir / f"dalil-{fingerprint(root)}.tar.gz"


def get_model(settings: Settings) -> Path:
    """The model to use: the one that was set, or the one for the present data; raises ModelMissing."""
    path = settings.model or model_path(settings.models_dir)
    if not path.exists():
        raise ModelMissing(str(path))
    return path


def train(models_dir: Path, root: Path = PROJECT_ROOT, *, on_step: Callable[[str], object] = str) -> Path:
    """Train a model for the present data and return its path; raises TrainingFailed with all that Rasa said.

    ``on_step`` hears of each component as its training begins. Whatever else Rasa and its libraries say is for a failure.
    """
    path = model_path(models_dir, root)
    models_dir.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-W", "ignore", "-c", "from bot.training import main; main()"),
        *("--config", "config.yml", "--domain", "bot/domain"),
        *("--data", "bot/rules", "nlu/data"),
        "--skip-validation",  # `rasa data validate` is run by the tests
        "--force",  # our fingerprint has decided already; Rasa's own takes longer than training
        *("--out", str(models_dir.resolve()), "--fixed-model-name", path.name.removesuffix(".tar.gz")),
    ]
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "RASA_MAX_CACHE_SIZE": "0",
        "TQDM_DISABLE": "1",
    }
    said = []
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as rasa:
        for line in rasa.stdout or ():
            said.append(line)
            if begun := _COMPONENT_BEGUN.search(line):
                on_step(begun[1])
    if rasa.returncode or not path.exists():
        raise TrainingFailed("".join(said))
    return path


def _ingredients(root: Path) -> Iterator[Path]:
    for pattern in _INGREDIENTS:
        yield from sorted(path for path in root.glob(pattern) if path.is_file() and path.name not in _READ_WITH_A_MODEL)
