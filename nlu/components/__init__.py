"""Rasa graph components: thin wrappers around the pure modules of nlu/. Only here, and in two other files, is Rasa imported."""
