"""The desk: an agent's pages. The list of their cell's cases, one case, reply, close."""
