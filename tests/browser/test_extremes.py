"""Trees, tables and pages of extreme roadmaps: nothing over anything else, nothing outside."""

import pytest
from checks import assert_no_sideways_scrolling, open_page
from extremes import deep, one, wide, wild

from django_roadmap import editing

# Titles that are outside of their node or of the page, or that cover another or a button.
GEOMETRY = """list => {
  const wrong = [], parts = [];
  const of = (element) => element.getBoundingClientRect();
  // Lines are taller than their letters.
  const covers = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 4 && b.top < a.bottom - 4;
  for (const node of list.querySelectorAll(".roadmap-node")) {
    const head = node.querySelector(".roadmap-head"), title = head.querySelector(".roadmap-title");
    const text = document.createRange();
    text.selectNodeContents(title);
    const [box, words] = [of(node), of(text)];
    if (words.left < box.left - 1 || words.right > box.right + 1 || words.bottom > box.bottom + 1
      || words.left < 0 || words.right > innerWidth) wrong.push(["out", title.textContent]);
    // Line by line: what follows a title stands on its last line.
    for (const line of text.getClientRects()) parts.push([line, title.textContent]);
    for (const other of head.querySelectorAll("button, .roadmap-flag, .roadmap-count"))
      for (const line of other.getClientRects()) parts.push([line, other.className]);
  }
  parts.sort(([a], [b]) => a.top - b.top);
  parts.forEach(([a, name], i) => {
    for (let j = i + 1; j < parts.length && parts[j][0].top < a.bottom; j++)
      if (name !== parts[j][1] && covers(a, parts[j][0]))
        wrong.push(["covers", name.slice(0, 40), parts[j][1].slice(0, 40)]);
  });
  return [list.querySelectorAll(".roadmap-node").length, wrong];
}"""


def geometry(page):
    return page.locator(".roadmap-tree").evaluate(GEOMETRY)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("outline", [wild, wide, deep])
def test_tree_fits(open_browser, outline, width, language):
    page = open_browser(locale=language, viewport={"width": width, "height": 800})
    root = editing.add(outline())
    open_page(page, f"/roadmaps/{root.path}/")
    count, wrong = geometry(page)
    assert count == root.get_descendant_count()
    assert wrong == []
    assert_no_sideways_scrolling(page)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_of_nodes_fit(open_browser, width, language):
    page = open_browser(locale=language, viewport={"width": width, "height": 800})
    root = editing.add(wild())
    for node in [root, *root.get_descendants()[:12]]:
        open_page(page, f"/roadmaps/{node.path}/")
        assert_no_sideways_scrolling(page)
    alone = editing.add(one())
    for address in (f"/roadmaps/{alone.path}/", "/roadmaps/"):
        open_page(page, address)
        assert_no_sideways_scrolling(page)


def test_geometry_finds_what_does_not_fit(page):
    open_page(page, "/roadmaps/django/")
    assert geometry(page)[1] == []
    title = page.locator(".roadmap-title a").nth(2)
    title.evaluate(
        "link => { link.textContent = 'w'.repeat(90); link.style.overflowWrap = 'normal' }"
    )
    assert "out" in [what for what, *_ in geometry(page)[1]]
