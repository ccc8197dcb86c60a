"""The page in a real Chromium against a real server: three languages, right to left, the handoff, a lost connection."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import PHONE

pytestmark = pytest.mark.browser


def answers(page):
    return page.locator(".message.bot, .message.agent")


def write(page, text):
    """Write a message and return the answer to it."""
    before = answers(page).count()
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")
    answer = answers(page).nth(before)
    expect(answer).to_be_visible(timeout=15_000)
    return answer


def press(page, title):
    before = answers(page).count()
    page.locator(".message:last-child .buttons button", has_text=title).first.click()
    answer = answers(page).nth(before)
    expect(answer).to_be_visible(timeout=15_000)
    return answer


def test_a_french_question_is_answered_with_source_and_date(visit):
    page = visit("/?language=fr")
    answer = write(page, "Comment renouveler ma carte de séjour ?")
    expect(answer).to_contain_text("Source :")
    expect(answer).to_contain_text(re.compile(r"Vérifié le \d+ \w+ 2026"))
    facet = press(page, "Documents")
    expect(facet).to_contain_text("Source :")
    assert page.problems == []


def test_the_same_in_arabic_from_right_to_left_on_a_small_phone(visit):
    page = visit("/?language=ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    answer = write(page, "كيف أجدد بطاقة الإقامة؟")
    expect(answer).to_contain_text("المصدر:")
    expect(answer).to_contain_text("نونبر 2026")
    own, bot = page.locator(".message.person").first.bounding_box(), answer.bounding_box()
    # The bot begins on the right, the person stands on the left, nothing is wider than the screen.
    assert bot["x"] + bot["width"] > PHONE["width"] - 30
    assert own["x"] < 30
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.problems == []


@pytest.mark.parametrize("text", ["كيفاش نجدد لاكارط سيجور ديالي", "kifach njedded lakart sejour dyali"])
def test_darija_is_understood_in_both_scripts(visit, text):
    expect(write(visit("/?language=ar"), text)).to_contain_text("يُطلب التجديد")


def test_a_handoff_from_the_page_to_the_desk_and_back(visit, server):
    page = visit("/?language=fr")
    write(page, "Mon patron ne me paie pas depuis trois mois")
    write(page, "je veux parler à une personne")
    press(page, "Oui, d'accord")
    expect(page.locator("#place-form")).to_be_visible()
    page.locator("#place").fill("Nador")
    page.keyboard.press("Enter")
    opened = answers(page).last
    expect(opened).to_contain_text("Référence", timeout=15_000)
    reference = re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}", opened.inner_text())[0]

    desk = visit("/desk")
    desk.locator("#username").fill("cell-nador")
    desk.locator("#password").fill(server.desk_password)
    desk.locator("button.main").click()
    desk.locator(".cases a", has_text=reference).click()
    expect(desk.locator("dl")).to_contain_text("Mon patron ne me paie pas")
    desk.locator("#text").fill("Bonjour, venez demain avec vos preuves.")
    desk.locator("#reply button.main").click()
    expect(page.locator(".message.agent")).to_contain_text("venez demain", timeout=15_000)

    page.locator("#text").fill("merci, je viens")
    page.keyboard.press("Enter")
    expect(desk.locator(".message.person").last).to_contain_text("merci, je viens", timeout=15_000)
    assert answers(page).last.inner_text().endswith("preuves.")  # the bot is silent meanwhile

    desk.locator("#close button").click()
    expect(answers(page).last).to_contain_text(reference, timeout=15_000)
    expect(write(page, "Quel est le salaire minimum ?")).to_contain_text("17,92")
    assert page.problems == []
    assert desk.problems == []


def test_a_lost_connection_loses_and_doubles_nothing(visit):
    page = visit("/?language=fr")
    write(page, "bonjour")
    page.context.set_offline(True)
    before = answers(page).count()
    for text in ("Quel est le salaire minimum ?", "merci"):
        page.locator("#text").fill(text)
        page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_be_visible()
    page.context.set_offline(False)
    expect(answers(page).nth(before + 1)).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1000)
    assert answers(page).count() == before + 2
    page.reload()
    expect(answers(page).nth(before + 1)).to_be_visible(timeout=15_000)
    page.wait_for_timeout(500)
    assert page.locator(".message.person").count() == 3
    assert answers(page).count() == before + 2


def test_a_pin_finds_the_commune(visit):
    page = visit("/?language=fr", geolocation={"latitude": 34.93, "longitude": -2.32}, permissions=["geolocation"])
    write(page, "je veux parler à une personne")
    press(page, "Oui, d'accord")
    page.locator("#pin").click()
    expect(answers(page).last).to_contain_text("Berkane", timeout=15_000)


def test_the_page_can_be_used_with_the_keyboard_and_a_screen_reader(visit):
    page = visit("/?language=en")
    assert page.locator("#messages").get_attribute("role") == "log"
    assert page.locator("#messages").get_attribute("aria-live") == "polite"
    write(page, "What is the minimum wage?")
    names = []
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        names.append(page.evaluate("() => document.activeElement.textContent.trim() || document.activeElement.id"))
    assert "Talk to a person" in names
    unnamed = page.locator("button:not([aria-label])").evaluate_all(
        "items => items.filter(i => !i.textContent.trim()).length"
    )
    assert unnamed == 0
    for field in ("text", "place"):
        assert page.locator(f"label[for={field}]").count() == 1


def test_an_expired_session_is_renewed_without_losing_the_message(visit):
    page = visit("/?language=fr")
    write(page, "bonjour")
    page.context.clear_cookies()
    page.locator("#text").fill("Quel est le salaire minimum ?")
    page.keyboard.press("Enter")
    expect(answers(page).last).to_contain_text("17,92", timeout=20_000)


def test_screenshots_for_the_readme(visit):
    """Kept as a test so that the picture in the README is always of the page as it is."""
    page = visit("/?language=ar")
    write(page, "واش ولدي يقدر يدخل للمدرسة بلا وراق؟")
    page.wait_for_timeout(300)
    picture = Path(__file__).resolve().parents[3] / "results" / "chat-ar.png"
    picture.parent.mkdir(exist_ok=True)
    page.screenshot(path=picture)
    assert picture.stat().st_size > 10_000
