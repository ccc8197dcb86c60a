"""What Dalil knows: articles, parameters, cells, places and official terms, with one reader."""
