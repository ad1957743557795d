"""Names for the phones of a class, from a list: nobody types one. Pages say them in their own language."""

COLORS = (
    "red", "orange", "yellow", "green", "blue", "indigo", "violet", "pink", "azure", "white",
    "black", "gray", "brown", "golden", "silver", "lime", "purple", "coral", "teal", "peach",
)  # fmt: skip
ANIMALS = (
    "otter", "fox", "owl", "crane", "whale", "dolphin", "penguin", "panda", "koala", "tiger", "lion",
    "bear", "rabbit", "squirrel", "hedgehog", "deer", "giraffe", "elephant", "zebra", "camel", "turtle",
    "frog", "seal", "swan", "eagle", "sparrow", "parrot", "swallow", "heron", "badger", "beaver", "lynx",
)  # fmt: skip
NICKNAMES = tuple(f"{color} {animal}" for color in COLORS for animal in ANIMALS)
