import numpy as np

from nlu.concepts import Lexicon
from nlu.features import MessageFeatures
from nlu.ranking import Ranker

LEXICON = Lexicon({("carte", "de", "sejour"): ("card",), ("lakart",): ("card",), ("بطاقه",): ("card",)})
TEXTS = ["renouveler carte de séjour", "njedded lakart", "salaire minimum", "كم هو الأجر", "bonjour", "hello there"]


def test_the_row_of_one_text_is_its_row_among_many():
    features = MessageFeatures(LEXICON)
    features.fit_transform(TEXTS * 2)
    matrix = features.transform(TEXTS).toarray()
    for text, expected in zip(TEXTS, matrix, strict=True):
        columns, values = features.row(text)
        row = np.zeros(matrix.shape[1], dtype=np.float32)
        row[columns] = values
        np.testing.assert_allclose(row, expected, atol=1e-6)


def test_a_text_of_unknown_words_has_an_empty_row():
    features = MessageFeatures(LEXICON)
    features.fit_transform(TEXTS * 2)
    columns, values = features.row("☃")
    assert len(columns) == len(values) == 0


def test_a_concept_carries_an_example_over_to_another_language():
    """Trained in French only, the ranker knows the Darija and Arabic words of the same concept."""
    french = ["carte de sejour"] * 3 + ["salaire minimum"] * 3 + ["bonjour"] * 3
    ranker = Ranker(MessageFeatures(LEXICON))
    ranker.fit(french, ["ask/card"] * 3 + ["ask/wage"] * 3 + ["greet"] * 3)
    assert ranker.rank("lakart")[0].label == "ask/card"
    assert ranker.rank("بطاقة")[0].label == "ask/card"


def test_probabilities_add_up_and_are_ordered():
    ranker = Ranker(MessageFeatures(LEXICON))
    ranker.fit(TEXTS * 3, ["a", "a", "b", "b", "c", "c"] * 3)
    ranked = ranker.rank("carte de séjour")
    assert [item.confidence for item in ranked] == sorted((item.confidence for item in ranked), reverse=True)
    assert abs(sum(item.confidence for item in ranked) - 1) < 1e-4
