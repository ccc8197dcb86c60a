"""Errors that callers are expected to handle: each says what is wrong, none carries a person's words."""


class DalilError(Exception):
    """Base of the errors that this program raises on purpose."""


class SettingsInvalid(DalilError):
    """A setting is missing or wrong; the message says which and how to mend it."""


class ModelMissing(DalilError):
    """There is no trained model for the present data."""


class TrainingFailed(DalilError):
    """`rasa train` gave no model; the message is all that it said."""


class TokenUnknown(DalilError):
    """A button token that was never given to this person, or has been forgotten."""


class CaseClosed(DalilError):
    """A reply or event for a case that is closed already."""


class NotOwner(DalilError):
    """Only the agent who owns a case replies to it."""


class CaseChanged(DalilError):
    """A colleague did something to a case since the page was loaded."""


class CasesApart(DalilError):
    """Two cases cannot be merged: not the same person or cell, or the wrong one is closed."""


class CaseNotFound(DalilError):
    """No such case for this cell."""


class ConsentMissing(DalilError):
    """A case may not be opened before the person has agreed."""


class NoCellAvailable(DalilError):
    """No cell with a known place can be routed to."""
