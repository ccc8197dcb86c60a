"""What Dalil does when asked: thin rasa_sdk actions, one a file. slots.py reads trackers, showing.py shows articles."""
