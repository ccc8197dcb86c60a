"""How a training is told of: a line for each component, and everything when it fails. With a Rasa that only talks."""

import sys

import pytest

from bot.errors import TrainingFailed
from bot.model import model_path, train


@pytest.fixture
def rasa(tmp_path, monkeypatch):
    def says(*lines, gives=0, makes=None):
        program = tmp_path / "python"
        made = f'touch "{makes}"' if makes else ":"
        program.write_text("\n".join(["#!/bin/sh", *(f'echo "{line}" >&2' for line in lines), made, f"exit {gives}"]))
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))

    return says


BEGUN = "INFO  rasa.engine.training.hooks  - Starting to train component '{}'."


def test_each_component_is_told_and_the_rest_is_kept_to_itself(rasa, tmp_path):
    rasa("UserWarning: noise", BEGUN.format("IntentRanker"), BEGUN.format("RulePolicy"), makes=model_path(tmp_path))
    steps = []
    assert train(tmp_path, on_step=steps.append) == model_path(tmp_path)
    assert steps == ["IntentRanker", "RulePolicy"]


@pytest.mark.parametrize("gives", [0, 1], ids=["no model", "an error"])
def test_a_failure_says_all_that_rasa_said(rasa, tmp_path, gives):
    rasa("the reason", gives=gives)
    with pytest.raises(TrainingFailed, match="the reason"):
        train(tmp_path)
