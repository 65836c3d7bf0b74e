"""Whether pages are the same to a visitor."""

import sys
from html.parser import HTMLParser
from itertools import zip_longest


class Shown(HTMLParser):
    """What a visitor gets: texts, addresses and the elements around them."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs).get("href")))

    def handle_endtag(self, tag):
        self.seen.append(f"/{tag}")

    def handle_data(self, data):
        if data.strip():
            self.seen.append(data.strip())


def shown(html):
    parser = Shown()
    parser.feed(html)
    parser.close()
    return parser.seen


def check_equal(expected, found, what):
    for place, (one, other) in enumerate(zip_longest(expected, found)):
        if one != other:
            around = slice(max(0, place - 60), place + 60)
            sys.exit(f"{what}: {found[around]!r}\nwhere it should be: {expected[around]!r}")
