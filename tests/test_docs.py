"""Documented means tested: every setting, channel, command and intent is described where readers look for it."""

import re
from pathlib import Path

from bot.data_files import read_yaml
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_setting_is_in_the_docs_and_in_the_example_and_no_other():
    names = {f"DALIL_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"DALIL_[A-Z_]+", read("docs/settings.md"))) == names
    assert set(re.findall(r"^#? ?(DALIL_[A-Z_]+)=", read(".env.example"), re.MULTILINE)) == names


def test_every_setting_has_a_description():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_command_of_the_makefile_has_a_help_line_and_the_two_are_in_the_readme():
    makefile = read("Makefile")
    targets = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    assert [target for target in targets if not re.search(rf"^{target}:.*## \S", makefile, re.MULTILINE)] == []
    assert "make run" in read("README.md")
    assert "make test" in read("README.md")


def test_every_channel_has_its_page():
    for folder in (ROOT / "channels").iterdir():
        if (folder / "channel.py").exists():
            assert (folder / "doc.md").exists()
            levels = read_yaml(folder / "quality.yml")
            assert levels


def test_every_intent_people_can_express_is_explained_to_annotators():
    guide = read("nlu/README.md")
    intents = {
        block["intent"].split("/")[0]
        for path in (ROOT / "nlu/data/en").glob("*.yml")
        for block in read_yaml(path)["nlu"]
    }
    assert [intent for intent in sorted(intents) if f"`{intent}" not in guide] == []


def test_the_decisions_are_numbered_without_a_gap():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 8


def test_the_readme_shows_the_page_in_arabic():
    images = re.findall(r"\((docs/images/[^)]+)\)", read("README.md"))
    assert images
    assert all((ROOT / image).exists() for image in images)
