"""How Dalil understands: language, normal form, entities, concepts, intent and article ranking, doubt."""
