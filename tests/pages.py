"""HTML as a visitor reads it: what it says and where it leads, not how it is dressed."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "hr", "img", "input", "link", "meta", "source", "wbr"}


def separately(request):
    """The request of somebody who has a token, for each tag as if it were on a page of its own."""
    forgetful = {"_django_roadmap_shown": property(lambda _: set(), lambda _, shown: None)}
    request.__class__ = type("Request", (type(request),), forgetful)
    request.META["CSRF_COOKIE"] = "t" * 32
    return request


class Element:
    def __init__(self, page, tag, attributes):
        self.page, self.tag, self.attributes = page, tag, attributes
        above = page.open[-1] if page.open else None
        self.level = above.level + (above.tag == "li") if above else 0
        self.start, self.end = len(page.texts), None
        self.index, self.stop = len(page.elements), len(page.elements) + 1

    @property
    def texts(self):
        return [text for text in self.page.texts[self.start : self.end] if text]

    @property
    def text(self):
        return " ".join(self.texts)


class Page(HTMLParser):
    """Asserts on the way that every tag is closed in its place."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.texts = [], [], []
        self.feed(html)
        self.close()
        assert not self.open, f"<{self.open[-1].tag}> is not closed"

    def handle_starttag(self, tag, attributes):
        element = Element(self, tag, dict(attributes))
        self.elements.append(element)
        if tag in VOID:
            element.end = element.start
        else:
            self.open.append(element)

    def handle_endtag(self, tag):
        element = self.open.pop()
        assert element.tag == tag, f"</{tag}> ends <{element.tag}>"
        element.end, element.stop = len(self.texts), len(self.elements)

    def handle_data(self, text):
        self.texts.append(" ".join(text.split()))

    def all(self, tag, **attributes):
        """The elements of a kind, in order, that have all of these attributes."""
        return [
            element
            for element in self.elements
            if element.tag == tag and attributes.items() <= element.attributes.items()
        ]

    def one(self, tag, **attributes):
        (element,) = self.all(tag, **attributes)
        return element

    @property
    def text(self):
        return " ".join(text for text in self.texts if text)

    @property
    def outline(self):
        """The titles of list items, indented by how deep they are."""
        return ["  " * item.level + item.texts[0] for item in self.all("li")]

    @property
    def links(self):
        return {link.text: link.attributes["href"] for link in self.all("a")}

    @property
    def stylesheets(self):
        return [link.attributes["href"] for link in self.all("link", rel="stylesheet")]
