"""The desk in a real Chromium against a real server, in three languages: two agents of two cells and a person on the page."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import PHONE, SCREEN

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[3] / "results"
SOON = 60_000

WORDS = {
    "fr": {
        "question": "Mon patron ne me paie pas depuis trois mois",
        "human": "je veux parler à une personne",
        "yes": "Oui, d'accord",
        "place": "Oujda",
        "first": "Bonjour, dans quelle commune travaillez-vous ?",
        "answer": "À Nador, dans une ferme",
        "second": "Venez lundi à la cellule de Nador avec vos preuves.",
        "rate": "Oui",
        "thanks": "Merci pour votre avis",
        "minimum": ("Quel est le salaire minimum ?", "17,92"),
        "unclear": "zzz qqq xxx",
    },
    "ar": {
        "question": "مشغلي لم يدفع لي أجري منذ ثلاثة أشهر",
        "human": "أريد التحدث إلى شخص",
        "yes": "نعم، أوافق",
        "place": "وجدة",
        "first": "السلام عليكم، في أي جماعة تعمل؟",
        "answer": "في الناظور، في ضيعة",
        "second": "تعال يوم الاثنين إلى خلية الناظور ومعك ما يثبت عملك.",
        "rate": "نعم",
        "thanks": "شكرا على رأيك",
        "minimum": ("ما هو الحد الأدنى للأجر؟", "17,92"),
        "unclear": "ززز قققق خخخ",
    },
    "en": {
        "question": "My employer has not paid me for three months",
        "human": "I want to talk to a person",
        "yes": "Yes, I agree",
        "place": "Oujda",
        "first": "Hello, in which commune do you work?",
        "answer": "In Nador, on a farm",
        "second": "Come to the Nador cell on Monday with your proofs.",
        "rate": "Yes",
        "thanks": "Thank you for telling us",
        "minimum": ("What is the minimum wage?", "17.92"),
        "unclear": "zzz qqq xxx",
    },
}


@pytest.fixture
def sign_in(visit, server):
    def do(username, language, viewport=SCREEN):
        page = visit(f"/desk/sign-in?language={language}", viewport)
        page.locator("#username").fill(username)
        page.locator("#password").fill(server.desk_password)
        page.locator("button.main").click()
        page.locator(f'header button[value="{language}"]').click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        return page

    return do


def last_answer(person):
    return person.locator(".message.bot, .message.agent").last


def say(person, text):
    person.locator("#text").fill(text)
    person.keyboard.press("Enter")


def ask_for_a_human(person, words):
    """From the first question to the reference of the case."""
    say(person, words["question"])
    expect(person.locator(".message.bot").nth(0)).to_be_visible(timeout=SOON)
    say(person, words["human"])
    person.locator(".buttons button", has_text=words["yes"]).last.click(timeout=SOON)
    expect(person.locator("#place-form")).to_be_visible(timeout=SOON)
    person.locator("#place").fill(words["place"])
    person.keyboard.press("Enter")
    expect(last_answer(person)).to_contain_text(re.compile(r"[2-9A-Z]{3}-[2-9A-Z]{3}"), timeout=SOON)
    return re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}", last_answer(person).inner_text())[0]


def fits(page):
    assert page.evaluate("() => document.documentElement.scrollWidth") <= page.viewport_size["width"]


def picture(page, name):
    PICTURES.mkdir(exist_ok=True)
    page.evaluate("() => scrollTo(0, 0)")
    page.wait_for_timeout(400)
    page.screenshot(path=PICTURES / f"{name}.png")


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_open_assign_reply_transfer_reply_close_satisfaction(visit, sign_in, language):
    words = WORDS[language]
    oujda, nador = sign_in("cell-oujda", language), sign_in("cell-nador", language, PHONE)
    person = visit(f"/?language={language}", PHONE)
    reference = ask_for_a_human(person, words)

    # The case appears in the list without a reload.
    mine = oujda.locator(".cases li", has_text=reference)
    expect(mine).to_be_visible(timeout=SOON)
    expect(oujda.locator('#views b[data-count="pool"]')).to_have_text(re.compile(r"[1-9]"))
    picture(oujda, f"desk-list-{language}-1280")
    mine.locator("a").click()
    expect(oujda.locator("dl")).to_contain_text(words["question"])
    oujda.locator("#take button").click()
    expect(oujda.locator("h1 .tag.assigned")).to_contain_text("cell-oujda")
    oujda.locator("#text").fill(words["first"])
    oujda.keyboard.press("Control+Enter")
    expect(person.locator(".message.agent")).to_contain_text(words["first"], timeout=SOON)

    # The person's answer appears in the thread without a reload.
    say(person, words["answer"])
    expect(oujda.locator(".message.person").last).to_contain_text(words["answer"], timeout=SOON)
    picture(oujda, f"desk-case-{language}-1280")
    fits(oujda)

    # Passed on to Nador, whose list shows it.
    oujda.locator("#transfer summary").click()
    oujda.locator("#transfer select").select_option("cell-nador")
    oujda.locator("#transfer input[name=reason]").fill("Nador")
    oujda.locator("#transfer button").click()
    expect(oujda.locator(".cases", has_text=reference)).to_have_count(0)
    theirs = nador.locator(".cases li", has_text=reference)
    expect(theirs).to_be_visible(timeout=SOON)
    picture(nador, f"desk-list-{language}-360")
    fits(nador)
    theirs.locator("a").click()
    expect(nador.locator(".messages").last).to_contain_text(words["answer"])
    nador.locator("#text").fill(words["second"])
    nador.locator("#reply button.main").click()
    expect(person.locator(".message.agent").last).to_contain_text(words["second"], timeout=SOON)
    expect(nador.locator(".message.agent").last).to_contain_text(words["second"])
    picture(nador, f"desk-case-{language}-360")
    fits(nador)

    # Closed: the bot is back, asks once, and one tap is enough.
    nador.locator("#close button").click()
    nador.wait_for_url("**/desk?done=close", timeout=SOON)
    expect(last_answer(person)).to_contain_text(reference, timeout=SOON)
    person.locator(".buttons button", has_text=re.compile(f"^{words['rate']}$")).last.click()
    expect(last_answer(person)).to_contain_text(words["thanks"], timeout=SOON)
    question, number = words["minimum"]
    say(person, question)
    expect(last_answer(person)).to_contain_text(number, timeout=SOON)
    nador.goto(nador.url.split("?")[0] + "?view=closed")
    nador.locator(".cases li", has_text=reference).locator("a").click()
    expect(nador.locator("aside dl")).to_contain_text({"fr": "a aidé", "ar": "ساعده", "en": "helped"}[language])

    # By writing what the bot does not understand the person is back with the officer, without a form.
    say(person, words["unclear"])
    expect(last_answer(person)).to_contain_text(reference, timeout=SOON)
    expect(nador.locator("#thread")).to_contain_text(words["unclear"], timeout=SOON)
    for page in (oujda, nador, person):
        assert page.problems == []


def test_two_agents_see_each_other_and_cannot_answer_over_one_another(visit, sign_in):
    person = visit("/?language=fr", PHONE)
    reference = ask_for_a_human(person, WORDS["fr"])
    one, two = sign_in("cell-oujda", "fr"), sign_in("cell-oujda", "fr")
    for page in (one, two):
        page.locator(".cases li", has_text=reference).locator("a").click()
        expect(page.locator("#thread")).to_be_visible()
    # The same account is one agent: a colleague is needed to see one another.
    one.goto(one.url.split("/desk")[0] + "/desk/people")
    one.locator("summary").first.click()
    one.locator("form[action$=invite] button.main").click()
    link = one.locator("input.copy").input_value()
    colleague = visit(link[link.index("/desk") :], SCREEN)
    colleague.locator("#username").fill("fatima")
    colleague.locator("#password").fill("a long enough password")
    colleague.locator("button.main").click()
    colleague.locator("#username").fill("fatima")
    colleague.locator("#password").fill("a long enough password")
    colleague.locator("button.main").click()
    colleague.locator(".cases li", has_text=reference).locator("a").click()
    expect(two.locator("#presence")).to_contain_text("fatima", timeout=SOON)
    colleague.locator("#text").press_sequentially("Bonjour")
    expect(two.locator("#presence")).to_contain_text("Écrit en ce moment : fatima", timeout=SOON)
    picture(two, "desk-typing-fr-1280")
    two.locator("#text").fill("Je réponds aussi")
    colleague.locator("#reply button.main").click()
    # The page of the second shows who has the case now, and has no field to answer in; the draft is kept.
    expect(two.locator("#take")).to_contain_text("fatima", timeout=SOON)
    assert two.locator("#text").count() == 0
    two.locator("#take button").click()
    expect(two.locator("#text")).to_have_value("Je réponds aussi", timeout=SOON)
    expect(person.locator(".message.agent")).to_have_count(1, timeout=SOON)


def test_the_numbers_beside_the_views_follow_what_colleagues_do(visit, sign_in):
    page, colleague = sign_in("cell-oujda", "fr"), sign_in("cell-oujda", "fr")
    page.evaluate("() => { window.sameVisit = true }")
    count = page.locator('#views b[data-count="live"]')
    before = int(count.inner_text()) if count.count() else 0
    page.locator("#views a").first.focus()
    reference = ask_for_a_human(visit("/?language=fr", PHONE), WORDS["fr"])
    expect(count).to_have_text(str(before + 1), timeout=SOON)
    assert page.evaluate("() => document.activeElement.closest('#views') !== null"), "the focus stays where it was"
    colleague.locator(".cases li", has_text=reference).locator("a").click(timeout=SOON)
    mine = page.locator('#views b[data-count="mine"]')
    taken = int(mine.inner_text()) if mine.count() else 0
    colleague.locator("#take button").click()
    expect(mine).to_have_text(str(taken + 1), timeout=SOON)
    assert page.evaluate("() => window.sameVisit"), "nothing was loaded again"


def test_a_draft_survives_a_lost_connection(visit, sign_in):
    person = visit("/?language=fr", PHONE)
    reference = ask_for_a_human(person, WORDS["fr"])
    page = sign_in("cell-oujda", "fr", PHONE)
    page.locator(".cases li", has_text=reference).locator("a").click()
    page.locator("#text").fill("Une longue réponse")
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible(timeout=SOON)
    page.locator("#reply button.main").click()
    page.wait_for_timeout(300)
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#text")).to_have_value("Une longue réponse")
    page.locator("#reply button.main").click()
    expect(person.locator(".message.agent")).to_contain_text("Une longue réponse", timeout=SOON)
    expect(page.locator("#text")).to_have_value("")


def test_the_keyboard_is_enough_and_the_first_load_is_light(visit, sign_in):
    person = visit("/?language=fr", PHONE)
    reference = ask_for_a_human(person, WORDS["fr"])
    page = sign_in("cell-oujda", "fr")
    sizes = []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if "/live" not in answer.url else None)
    page.reload()
    page.wait_for_timeout(800)
    assert sum(sizes) < 200_000, sizes
    page.keyboard.press("/")
    page.keyboard.type(reference)
    page.keyboard.press("Enter")
    expect(page.locator(".cases li")).to_have_count(1)
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#thread")).to_be_visible()
    page.locator("h2").first.click()
    page.keyboard.press("t")
    expect(page.locator("h1 .tag.assigned")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("une note")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.note")).to_contain_text("une note", timeout=SOON)
    page.keyboard.press("r")
    page.keyboard.type("Bonjour")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.agent")).to_contain_text("Bonjour", timeout=SOON)
    page.locator("h2").first.click()
    page.keyboard.press("u")
    expect(page.locator("#rows")).to_be_visible()
    unnamed = page.locator("button:not([aria-label])").evaluate_all(
        "items => items.filter(item => !item.textContent.trim()).length"
    )
    assert unnamed == 0


def test_an_article_and_a_ready_made_reply_are_sent_in_the_persons_language(visit, sign_in):
    person = visit("/?language=ar", PHONE)
    reference = ask_for_a_human(person, WORDS["ar"])
    page = sign_in("cell-oujda", "fr")
    page.locator(".cases li", has_text=reference).locator("a").click()
    page.locator("#find-answers").click()
    page.locator("#answers-search").fill("bonjour")
    expect(page.locator("#answers-found summary")).to_have_count(1, timeout=SOON)
    page.locator("#answers-found summary").first.click()
    page.locator("#answers-found .insert").first.click()
    expect(page.locator("#text")).to_have_value(re.compile("السلام عليكم"))
    page.locator("#reply button.main").click()
    page.locator("#find-answers").click()
    page.locator("#answers-search").fill("salaire minimum")
    expect(page.locator("#answers-found summary")).to_have_count(1, timeout=SOON)
    page.locator("#answers-found summary", has_text="salaire minimum").click()
    picture(page, "desk-answers-fr-1280")
    page.locator("#answers-found button.main").first.click()
    expect(person.locator(".message.agent").last).to_contain_text("المصدر", timeout=SOON)


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_other_pages_fit_their_screen(sign_in, language, width):
    page = sign_in("cell-oujda", language, {"width": width, "height": 900})
    for name in ("figures", "cell", "people", "audit", "account", "canned"):
        page.goto(page.url.split("/desk")[0] + f"/desk/{name}")
        expect(page.locator("main")).to_be_visible()
        fits(page)
        picture(page, f"desk-{name}-{language}-{width}")
    assert page.problems == []
