import pytest

from nlu.text import normalise, words
from nlu.writing import WritingClassifier

EXAMPLES = {
    "fr": ["je veux renouveler ma carte", "combien ça coûte", "où est la préfecture", "mon enfant va à l'école"],
    "en": ["how do I renew my card", "what does it cost", "where is the office", "my child goes to school"],
    "ar": ["كيف أجدد بطاقة الإقامة", "أين توجد المصلحة", "ما هي الوثائق المطلوبة", "هل يمكنني العمل"],
    "ary-Arab": ["كيفاش نجدد لاكارط ديالي", "فين كاين المكتب", "شنو هوما الوراق لي خاصني", "واش نقدر نخدم"],
    "ary-Latn": ["kifach njedded lakart dyali", "fin kayn lbiro", "chno homa lwra9 li khassni", "wach n9der nkhdem"],
}


@pytest.fixture(scope="module")
def classifier():
    classifier = WritingClassifier()
    pairs = [(text, writing) for writing, texts in EXAMPLES.items() for text in texts * 3]
    classifier.fit([words(normalise(text)) for text, _ in pairs], [writing for _, writing in pairs])
    return classifier


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("je veux ma carte", "fr", "Latn"),
        ("where is my card", "en", "Latn"),
        ("أين بطاقة الإقامة", "ar", "Arab"),
        ("فين لاكارط ديالي", "ary", "Arab"),
        ("fin lakart dyali", "ary", "Latn"),
    ],
)
def test_language_and_script(classifier, text, language, script):
    found = classifier.detect(text)
    assert (found.language, found.script) == (language, script)


def test_a_message_without_letters_says_nothing_about_language(classifier):
    assert classifier.detect("123 ?!").confidence == 0.0
