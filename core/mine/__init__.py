"""Comments → what they say: clauses, aspects, topics, repeats, dialogues. Texts and arrays in, small tables out."""
