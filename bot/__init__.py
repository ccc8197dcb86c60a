"""The ground: what the assistant says and keeps. Imports nothing of the floors above."""
