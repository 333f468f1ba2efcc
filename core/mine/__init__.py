"""Extract what comments say: clauses, aspects, topics, repeats, dialogues. Texts and arrays in, small tables out."""
