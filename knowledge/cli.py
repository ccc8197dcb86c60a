"""`dalil check-content`: the knowledge base, read as an editor would want to hear about it."""

from collections import Counter
from datetime import date

from rich.console import Console
from rich.table import Table

from knowledge.checks import check_library
from knowledge.library import Library


def report_content(library: Library, *, today: date, console: Console) -> int:
    """Print counts, marks for editors and findings; returns the number of findings."""
    findings = check_library(library, today=today)
    table = Table("topic", "articles", "questions", "marked for editors")
    for topic, count in sorted(Counter(article.topic for article in library.articles.values()).items()):
        articles = [article for article in library.articles.values() if article.topic == topic]
        questions = sum(len(texts) for article in articles for texts in article.questions.values())
        table.add_row(topic, str(count), str(questions), str(sum(len(article.verify) for article in articles)))
    console.print(table)
    kinds = Counter(mark.kind for article in library.articles.values() for mark in article.verify)
    counts = {
        "parameters": library.parameters,
        "cells": library.cells,
        "places": library.places,
        "terms": library.glossary,
    }
    console.print(", ".join(f"{len(things)} {name}" for name, things in counts.items()))
    console.print("marks: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    for finding in findings:
        console.print(f"[red]{finding.where}[/red]: {finding.what}", highlight=False)
    console.print(f"{len(findings)} findings")
    return len(findings)
