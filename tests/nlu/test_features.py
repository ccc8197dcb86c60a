import numpy as np

from nlu.concepts import Lexicon
from nlu.features import MessageFeatures
from nlu.ranking import Ranker
from nlu.text import normalise, words

LEXICON = Lexicon({("carte", "de", "sejour"): ("card",), ("lakart",): ("card",), ("بطاقه",): ("card",)})
TEXTS = ["renouveler carte de séjour", "njedded lakart", "salaire minimum", "كم هو الأجر", "bonjour", "hello there"]
WORDS = [words(normalise(text)) for text in TEXTS]


def test_the_row_of_one_text_is_its_row_among_many():
    features = MessageFeatures(LEXICON)
    features.fit_transform(WORDS * 3)
    matrix = features.transform(TEXTS).toarray()
    for text, expected in zip(TEXTS, matrix, strict=True):
        columns, values = features.row(text)
        row = np.zeros(matrix.shape[1], dtype=np.float32)
        row[columns] = values
        np.testing.assert_allclose(row, expected, atol=1e-6)


def test_a_text_of_unknown_words_has_an_empty_row():
    features = MessageFeatures(LEXICON)
    features.fit_transform(WORDS * 3)
    columns, values = features.row("☃")
    assert len(columns) == len(values) == 0


def test_a_concept_carries_an_example_over_to_another_language():
    """Trained in French only, the ranker knows the Darija and Arabic words of the same concept."""
    french = ["carte de sejour"] * 3 + ["salaire minimum"] * 3 + ["bonjour"] * 3
    ranker = Ranker(MessageFeatures(LEXICON))
    ranker.fit([text.split() for text in french], ["ask/card"] * 3 + ["ask/wage"] * 3 + ["greet"] * 3)
    assert ranker.labels[ranker.scores("lakart").argmax()] == "ask/card"
    assert ranker.labels[ranker.scores("بطاقة").argmax()] == "ask/card"


def test_the_scores_of_one_text_are_its_scores_among_many():
    ranker = Ranker(MessageFeatures(LEXICON))
    ranker.fit(WORDS * 3, ["a", "a", "b", "b", "c", "c"] * 3)
    for text, scores in zip(TEXTS, ranker.scores_of(TEXTS), strict=True):
        np.testing.assert_allclose(ranker.scores(text), scores, atol=1e-5)
