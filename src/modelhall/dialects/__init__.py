"""Wire formats as pure functions: what a request asks, what must change in it, what an answer used."""
