"""Pieces put together against a plain recursion that gives each template what is below it."""

import logging

import pytest
from django.template import Context, Template, TemplateSyntaxError, engines
from django.template.loader import get_template
from django.test.utils import override_script_prefix
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap.counting import DONE, LEARNING, PENDING, SKIPPED, Counts, skeleton
from django_roadmap.models import Resource
from django_roadmap.pieces import Pieces, Writer, join
from django_roadmap.rendering import roadmap_tree
from django_roadmap.tree import Branch, walk

COUNTS = "({% if progress %}{{ progress.done }}/{{ progress.to_do }} of {% endif %}{{ topics }})"


def grow(nodes):
    """A branch from tuples of place of the parent, title and flags, the parents first."""
    branches = []
    for pk, (parent, title, is_published, is_optional) in enumerate(nodes, 101):
        above = branches[parent] if branches else None
        level = above.level + 1 if above else 0
        path, parent_id = f"python/n{pk}" if above else "python", above.pk if above else None
        branch = Branch(pk, parent_id, level, path, title, "", is_published, is_optional, None)
        if above:
            above.children.append(branch)
        branches.append(branch)
    return branches[0]


def nested(title, *children):
    """``nested("A", node("B"), node("C", node("D")))`` as a branch."""
    nodes = []

    def add(parent, title, children):
        place = len(nodes)
        nodes.append((parent, title, True, False))
        for child in children:
            add(place, *child)

    add(0, title, children)
    return grow(nodes)


def node(title, *children):
    return title, children


# Titles that templates below take as a hint of how to look, or that need to be escaped.
titles = st.sampled_from("abc<")
rarely = st.sampled_from([False, False, False, True])
mostly = rarely.map(lambda value: not value)


@st.composite
def trees(draw):
    return grow(
        (draw(st.integers(0, max(place - 1, 0))), draw(titles), draw(mostly), draw(rarely))
        for place in range(draw(st.integers(1, 12)))
    )


states = st.sampled_from([LEARNING, DONE, SKIPPED])
marks_of_nodes = st.dictionaries(st.integers(101, 112), states, max_size=12)
no_learner = st.none()


def writer(branch, template, *, counts=COUNTS, depth=None, numbered=None, state="", above=()):
    from_string = engines["django"].from_string
    return Writer(
        lambda: [*above, branch],
        lambda pk: [],
        from_string(template),
        from_string(counts),
        depth=depth,
        numbered=numbered,
        state=state,
    )


def html_of(branch, template, marks=None, **options):
    """What a learner sees who has these marks, nobody when they are None."""
    writing = writer(branch, template, state="" if marks is None else PENDING, **options)
    pieces = writing.write()
    bones = pieces.skeleton
    changed, counts = bones.roll_up(marks or {})

    def counts_html(place):
        return writing.counts(counts.get(place, Counts(bones.topics[place])))

    changed = {
        place: writing.node(place, state, pieces.token)
        for place, state in changed.items()
        if pieces.is_shown[place]
    }
    return "".join(join(pieces, changed, counts_html))


def expected(branch, template, marks=None, *, depth=None):
    """The same by recursion: what is below a node is rendered first, and given to it."""
    order = list(walk(branch))
    bones = skeleton(order)
    marked, counts = bones.roll_up(marks or {})
    places = {node.pk: place for place, node in enumerate(order)}
    pending = "" if marks is None else PENDING
    template, counts_template = Template(template), Template(COUNTS)

    def counts_html(place):
        shown = counts.get(place, Counts(bones.topics[place]))
        if not bones.counted[place] or bones.is_leaf[place] or not shown.to_do:
            return ""
        progress = None if marks is None else shown
        return counts_template.render(Context({"topics": shown.topics, "progress": progress}))

    def render(node):
        place = places[node.pk]
        opens = depth is None or node.level < branch.level + depth
        values = {
            "node": node,
            "state": marked.get(place, pending),
            "children": SafeString("".join(map(render, node.children)) if opens else ""),
            "counts": SafeString(counts_html(place) if node.children else ""),
        }
        return template.render(Context(values))

    return "".join(map(render, branch.children))


TEMPLATES = {
    "once": "[{{ node.title }} {{ counts }}{{ children }}]",
    "never": "[{{ node.title }}]",
    "twice": "[{{ children }}|{{ node.title }}|{{ children }}{{ counts }}]",
    "counts before": "{{ counts }}[{{ children }}{{ node.title }}]",
    "counts behind": "[{{ node.title }}{{ children }}]{{ counts }}",
    "counts twice": "{{ counts }}[{{ children }}]{{ counts }}{{ node.title }}",
    "counts only": "{{ node.title }}{{ counts }}",
    "children first": "{{ children }}{{ node.title }}",
    "children last": "{{ node.title }}{{ children }}",
    "in a list": "<li>{{ node.title }}{% if children %}<ul>{{ children }}</ul>{% endif %}</li>",
    "not when done": '[{{ node.title }}{% if state != "done" %}{{ children }}{% endif %}]',
    "when learning": '[{{ counts }}{% if state == "learning" %}{{ children }}{% endif %}]',
    "twice when done": "[{{ children }}{% if state == 'done' %}{{ children }}{% endif %}]",
    "by title": '[{% if node.title == "a" %}{{ children }}{% elif node.title == "b" %}'
    "{{ children }}{{ children }}{{ counts }}{% endif %}{{ node.title }}]",
    "more of the optional": "[{% if node.is_optional %}{{ children }};{% endif %}{{ children }}]",
}


class TestAgainstRecursion:
    @pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
    @given(
        branch=trees(),
        marks=no_learner | marks_of_nodes,
        depth=st.none() | st.integers(1, 3),
    )
    def test_every_node_is_in_its_place(self, template, branch, marks, depth):
        html = html_of(branch, template, marks, depth=depth)

        assert html == expected(branch, template, marks, depth=depth)

    # Each node has one of these, as if each had a template of its own.
    TEXTS = ["", "-", "C", "N", "<C>", "CN", "NC", "NCN", "CC", "C-C", "NCNC"]

    @given(trees(), st.data())
    def test_nodes_may_differ_in_where_they_print(self, branch, data):
        order = list(walk(branch))
        token = "token"
        texts = [
            data.draw(st.sampled_from(self.TEXTS if node.children else ["", "x"])) for node in order
        ]
        texts[0] = "C"
        slots = {"C": f"children-{token}", "N": f"counts-{token}"}
        html = ["".join(slots.get(letter, letter) for letter in text) for text in texts]
        changed = data.draw(st.sets(st.integers(1, len(order)))) & set(range(len(order)))
        kept = ["old" if place in changed else piece for place, piece in enumerate(html)]
        parents = [place for place, node in enumerate(order) if node.children]
        shown = bytes([0] + [1] * (len(order) - 1))
        pieces = Pieces(branch, False, skeleton(order), kept.copy(), shown, parents, token)

        def recursion(place):
            below = "".join(recursion(order.index(child)) for child in order[place].children)
            values = {"C": below, "N": f"({place})"}
            return "".join(values.get(letter, letter) for letter in texts[place])

        parts = join(pieces, {place: html[place] for place in changed}, lambda place: f"({place})")
        assert "".join(parts) == (recursion(0) if branch.children else html[0])
        # They are kept for others.
        assert pieces.html == kept


class TestSize:
    SIZE = 20_000

    def test_depth_costs_no_recursion(self):
        branch = grow((pk - 1, f"{pk}", True, False) for pk in range(self.SIZE))

        html = html_of(branch, "<{{ node.title }}{{ children }}>", {100 + self.SIZE: DONE})
        below = range(1, self.SIZE)
        assert html == "".join(f"<{number}" for number in below) + ">" * len(below)

    def test_width(self):
        branch = grow((0, f"{pk}", True, False) for pk in range(self.SIZE))

        html = html_of(branch, "{{ node.title }}{{ state }} ", {101 + 7: SKIPPED})
        shown = [f"{n}{SKIPPED if n == 7 else PENDING}" for n in range(1, self.SIZE)]
        assert html.split() == shown


class TestWrite:
    TREE = ("Python", node("Basics", node("Loops"), node("Names")), node("Files"))

    def pieces(self, template="{{ node.title }}", **options):
        return writer(nested(*self.TREE), template, **options).write()

    def test_the_top_is_kept_by_itself(self):
        pieces = self.pieces()

        assert (pieces.node.title, pieces.node.children) == ("Python", [])
        assert pieces.html == ["", "Basics", "Loops", "Names", "Files"]
        assert pieces.parents == [1]

    def test_what_is_too_deep_is_not_rendered(self):
        pieces = self.pieces("{{ node.title }} {{ counts }}", depth=1)

        assert pieces.html[2:] == ["", "", "Files "]
        assert "".join(join(pieces, {}, lambda place: f"at {place}")) == "Basics at 1Files "

    def test_depth_is_from_the_top_of_the_branch(self):
        branch = nested("A", node("B", node("C", node("D", node("E"))))).children[0]

        assert html_of(branch, "{{ node.title }}{{ children }}", depth=2) == "CD"

    @pytest.mark.parametrize(
        ("flags", "counted"),
        [((True, False), True), ((False, False), False), ((True, True), False)],
    )
    def test_nodes_above_tell_whether_it_counts(self, flags, counted):
        above = grow([(0, "Above", *flags)])

        assert set(self.pieces(above=[above]).skeleton.counted) == {counted}

    def test_no_two_have_the_same_slots(self):
        assert self.pieces().token != self.pieces().token

    @pytest.mark.parametrize(
        ("branch", "numbered", "numbers"),
        [
            (nested("A", node("B"), node("C")), None, "1B 2C "),
            (nested("A", node("B"), node("C")), False, "NoneB NoneC "),
            (nested("A", node("B", node("C"))), None, "NoneB NoneC "),
            (nested("A", node("B", node("C")), node("D")), True, "1B NoneC 2D "),
            (nested("A", node("B", node("C"), node("D"))).children[0], None, "NoneC NoneD "),
            (nested("A", node("B", node("C"), node("D"))).children[0], True, "1C 2D "),
        ],
    )
    def test_stages_of_a_flat_roadmap_are_numbered(self, branch, numbered, numbers):
        template = "{{ number }}{{ node.title }} {{ children }}"

        assert html_of(branch, template, numbered=numbered) == numbers
        pieces = writer(branch, template, numbered=numbered).write()
        assert pieces.numbered is ("1" in numbers)

    def test_shape_is_of_what_is_shown(self):
        branch = nested("A", node("B", node("C", node("D"))), node("E"))
        template = "{{ node.title }}={{ shape }} {{ children }}"

        assert html_of(branch, template) == "B=level C=section D=topic E=topic "
        assert html_of(branch, template, depth=2) == "B=level C=topic E=topic "

    def test_counts_of_nothing_are_not_rendered(self):
        writing = writer(nested(*self.TREE), "", state=PENDING)

        assert writing.counts(Counts(3, skipped=3)) == writing.counts(Counts(0)) == ""
        assert writing.counts(Counts(3, done=1, skipped=1)) == "(1/2 of 3)"

    def test_without_learner_there_is_no_progress(self):
        assert writer(nested(*self.TREE), "").counts(Counts(3)) == "(3)"

    def test_a_text_that_looks_like_a_slot_is_text(self):
        branch = nested("A", node("children-0123 counts-0123", node("C")))

        html = html_of(branch, "{{ node.title }}[{{ children }}]")
        assert html == "children-0123 counts-0123[C[]]"


class TestAddresses:
    TEMPLATE = '<a href="{{ url }}">{{ node.title }}</a>'

    def test_are_quoted(self):
        branch = nested("A", node("B"), node("C"))
        branch.children[0].path = "python/für"

        assert html_of(branch, self.TEMPLATE) == (
            '<a href="/roadmaps/python/f%C3%BCr/">B</a><a href="/roadmaps/python/n103/">C</a>'
        )

    @override_script_prefix("/a&b/")
    def test_are_escaped_where_the_site_is_at_an_odd_place(self):
        assert html_of(nested("A", node("B")), self.TEMPLATE) == (
            '<a href="/a&amp;b/roadmaps/python/n102/">B</a>'
        )

    @pytest.mark.urls(())
    def test_are_empty_without_our_urls(self):
        assert html_of(nested("A", node("B")), self.TEMPLATE) == '<a href="">B</a>'


MISUSED = "<unknown source> may only print children and counts, without filter or loop."


class TestMisuse:
    BRANCH = nested("A", node("B", node("C")), node("D"))

    @pytest.mark.parametrize(
        "misuse", ["{{ children|upper }}", "{{ counts|title }}", "{{ children|capfirst }}"]
    )
    def test_is_logged_and_leaves_nothing_behind(self, caplog, misuse):
        html = html_of(self.BRANCH, f"[{{{{ node.title }}}}{misuse}]")

        # What has no children has no slots that could be misused.
        assert html == "[B][D]"
        assert caplog.record_tuples == [("django_roadmap", logging.WARNING, MISUSED)]

    def test_leaves_other_slots_as_they_are(self, caplog):
        assert html_of(self.BRANCH, "[{{ counts|upper }}{{ children }}]") == "[][]"
        assert len(caplog.records) == 1

    @pytest.mark.parametrize("slot", ["children", "counts"])
    def test_is_an_error_under_debug(self, settings, slot):
        settings.DEBUG = True

        with pytest.raises(TemplateSyntaxError, match="without filter or loop"):
            html_of(self.BRANCH, f"{{{{ {slot}|upper }}}}")

    @pytest.mark.parametrize("harmless", ["lower", "safe", "escape", "default:'none'"])
    def test_is_none_where_the_slot_stays(self, settings, caplog, harmless):
        settings.DEBUG = True

        html = html_of(self.BRANCH, f"[{{{{ children|{harmless} }}}}{{{{ node.title }}}}]")
        assert html.count("[") == 3
        assert "C]B]" in html
        assert not caplog.records


class TestTemplate:
    BRANCH = nested("A", node("B", node("C")), node("D"))

    @pytest.mark.parametrize(
        "variable",
        [
            "{% firstof node.title as seen %}",
            "{% cycle 'x' 'y' as seen silent %}",
            "{% load i18n %}{% get_current_language as seen %}",
            "{% now 'Y' as seen %}",
            "{% with other='x' %}{% now 'Y' as seen %}{% endwith %}",
        ],
    )
    def test_a_variable_is_not_seen_in_the_next_node(self, variable):
        template = f"[{{{{ seen }}}}{{{{ other }}}}{variable}{{{{ children }}}}]"

        assert html_of(self.BRANCH, template) == "[[]][]"

    @pytest.mark.parametrize(
        ("tag", "html"),
        [
            ("{% cycle 'x' 'y' %}", "[x[x]][x]"),
            ("{% for i in 'ab' %}{% cycle 'x' 'y' %}{% endfor %}", "[xy[xy]][xy]"),
            ("{% for i in 'ab' %}{% ifchanged 1 %}x{% endifchanged %}{% endfor %}", "[x[x]][x]"),
            ("{% block b %}x{% endblock %}", "[x[x]][x]"),
        ],
    )
    def test_every_node_begins_afresh(self, tag, html):
        assert html_of(self.BRANCH, f"[{tag}{{{{ children }}}}]") == html

    def test_the_variables_of_a_node_are_its_own_after_a_change(self):
        template = "[{% with node=node.title state='x' %}{{ node }}{{ state }}{% endwith %}"
        template += "{{ node.title }}{{ children }}]"

        assert html_of(self.BRANCH, template) == "[BxB[CxC]][DxD]"

    def test_may_include_and_extend(self, settings):
        sources = {
            "base.html": "[{% block title %}{% endblock %}{{ children }}]",
            "title.html": "{{ node.title }}{% firstof 'x' as seen %}{{ seen }}",
            "node.html": "{% extends 'base.html' %}"
            "{% block title %}{% include 'title.html' %}{{ seen }}{% endblock %}",
        }
        loaders = [("django.template.loaders.locmem.Loader", sources)]
        backend = "django.template.backends.django.DjangoTemplates"
        settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": {"loaders": loaders}}]

        writing = writer(self.BRANCH, "")
        templates = get_template("node.html"), get_template("title.html")
        writing = Writer(
            writing.way, writing.resources, *templates, depth=None, numbered=None, state=""
        )
        assert "".join(join(writing.write(), {}, str)) == "[Bx[Cx]][Dx]"

    @pytest.mark.parametrize(
        ("autoescape", "html"), [(True, "&lt;b&gt;[&lt;i&gt;[]]"), (False, "<b>[<i>[]]")]
    )
    def test_escapes_as_its_engine_does(self, settings, autoescape, html):
        backend = "django.template.backends.django.DjangoTemplates"
        settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": {"autoescape": autoescape}}]

        branch = nested("A", node("<b>", node("<i>")))
        assert html_of(branch, "{{ node.title }}[{{ children }}]") == html

    def test_may_switch_escaping_off_for_itself(self):
        branch = nested("A", node("<b>", node("<i>")))
        template = "{{ node.title }}{% autoescape off %}{{ node.title }}{% endautoescape %}"

        assert html_of(branch, template + "{{ children }}") == "&lt;b&gt;<b>&lt;i&gt;<i>"


class TestJinja2:
    NODE = "[{{ node.title }}|{{ state }}|{{ shape }}{% if children %} {{ children }}{% endif %}]"

    @pytest.fixture
    def place(self, settings, tmp_path):
        """``place(name, source)`` puts a template of Jinja2 beside those of the app."""
        django, jinja2 = settings.TEMPLATES
        settings.TEMPLATES = [django, {**jinja2, "DIRS": [tmp_path]}]

        def place(name, source):
            path = tmp_path / "django_roadmap" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)

        return place

    @pytest.fixture
    def python(self, grow):
        root = grow("Python", {"Basics <1>": ["Loops"]})
        for position in (2, 1):
            url = f"https://example.org/{position}"
            loops = root.get_descendants().get(title="Loops")
            Resource.objects.create(node=loops, title=f"R{position}", url=url, position=position)
        return root

    def test_node(self, python, place):
        place("python/node.html", self.NODE)

        assert "[Basics &lt;1&gt;||section [Loops||topic]]" in roadmap_tree("python")

    def test_counts(self, python, place):
        place("python/counts.html", "<i>{{ topics }}{{ progress }}</i>")

        assert "<i>1None</i>" in roadmap_tree("python")

    def test_a_common_one_does_not_hide_that_of_the_engine_before(self, python, place):
        place("node.html", self.NODE)

        assert "[Loops" not in roadmap_tree("python")

    def test_a_common_one_wins_in_the_first_engine(self, python, place, settings):
        place("node.html", self.NODE)
        settings.TEMPLATES = settings.TEMPLATES[::-1]

        assert "[Loops||topic]" in roadmap_tree("python")

    def test_resources_are_looped_over(self, python, place, django_assert_num_queries):
        place(
            "python/node.html",
            "{% for resource in resources %}{{ resource.title }};{% endfor %}{{ children }}",
        )

        with django_assert_num_queries(3):
            assert "R1;R2;" in roadmap_tree("python")

    def test_misuse_is_told_by_its_name(self, python, place, caplog):
        place("python/node.html", "{{ children|upper }}")

        roadmap_tree("python")
        assert "python/node.html may only print" in caplog.text


class TestResources:
    @pytest.fixture
    def python(self, grow):
        root = grow("Python", {"Basics": ["Loops", "Names"], "Files": []})
        for title in ("Loops", "Basics", "Names"):
            below = root.get_descendants().get(title=title)
            for position in (2, 3, 1):
                Resource.objects.create(
                    node=below,
                    title=f"{title}{position}",
                    url=f"https://example.org/{position}",
                    position=position,
                )
        return root

    @pytest.fixture
    def node_template(self, settings):
        """``node_template(source)`` puts it before that of the app."""

        def override(source):
            loaders = [
                ("django.template.loaders.locmem.Loader", {"django_roadmap/node.html": source}),
                "django.template.loaders.app_directories.Loader",
            ]
            backend = "django.template.backends.django.DjangoTemplates"
            settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": {"loaders": loaders}}]

        return override

    def test_of_the_whole_tree_cost_one_query(
        self, python, node_template, django_assert_num_queries
    ):
        node_template(
            "[{{ node.title }}:{% for resource in resources %} {{ resource.title }}{% endfor %}"
            "{% if resources %}!{% endif %}{{ children }}]"
        )

        with django_assert_num_queries(3):
            html = roadmap_tree("python")
        assert (
            "[Basics: Basics1 Basics2 Basics3!"
            "[Loops: Loops1 Loops2 Loops3!][Names: Names1 Names2 Names3!]][Files:]"
        ) in html

    def test_that_nobody_asks_for_cost_nothing(
        self, python, node_template, django_assert_num_queries
    ):
        node_template("{{ node.title }}{% if 0 %}{{ resources }}{% endif %}{{ children }}")

        with django_assert_num_queries(2):
            roadmap_tree("python")
