/*
 * Finds one's way in trees: filters and folds them, and unfolds the way to where a link leads.
 * Without it all of a tree is there to read.
 */

const trees = [...document.querySelectorAll(".roadmap-tree")].map(explore);

// A page that one comes back to stands where it stood.
reveal(performance.getEntriesByType("navigation")[0]?.type !== "back_forward");
addEventListener("hashchange", () => reveal());
// A link to where one is changes no address.
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[href]");
  if (link?.hash && link.href === location.href) reveal();
});
// After going back, a browser may have filled in the fields.
addEventListener("pageshow", () => trees.forEach(({ filter }) => filter?.()));

/** Show where the address leads, and go there if it was not to be seen. */
function reveal(goes = true) {
  let id = location.hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {
    // It is as it stands there.
  }
  const target = document.getElementById(id);
  const tree = trees.find(({ list }) => target && list.contains(target));
  if (tree?.unfoldWayTo(target) && goes) target.scrollIntoView();
}

function explore(list) {
  const controls = list.closest(".roadmap")?.querySelector(":scope > .roadmap-explore");
  const { text, state, optional, clear } = controls?.elements ?? {};
  // Those above come before those below.
  const found = new Map();
  for (const element of list.querySelectorAll(".roadmap-node")) {
    const parent = found.get(element.parentElement.closest(".roadmap-node"));
    const path = element.dataset.node ?? element.id;
    const details = element.querySelector(":scope > details");
    found.set(element, { element, parent, path, details, level: parent ? parent.level + 1 : 1 });
    if (parent) parent.hasNodes = true;
  }
  const nodes = [...found.values()];
  const topics = nodes.filter(({ hasNodes }) => !hasNodes);
  const folders = nodes.filter(({ details }) => details);
  const key = `django_roadmap:folded:${nodes[0]?.path.split("/")[0]}`;
  // What was open before a search.
  let before = null;

  const folded = remembered(key);
  for (const { path, details } of folders) if (folded.has(path)) details.open = false;
  list.addEventListener("click", ({ target }) => {
    const details = target.closest("summary")?.parentElement;
    // It folds after this.
    setTimeout(() => remember(folders.filter((node) => node.details === details)));
  });
  if (controls) {
    controls.addEventListener("input", filter);
    controls.addEventListener("reset", () => setTimeout(filter));
    controls.addEventListener("submit", (event) => event.preventDefault());
    controls.addEventListener("change", ({ target }) => {
      if (target.name === "fold") unfoldTo(target.value);
    });
    controls.addEventListener("click", ({ target }) => {
      if (target.matches("button[name=fold]")) unfoldTo(target.value);
      if (target === clear) text.focus();
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      text.value = "";
      filter();
    });
    // A mark gives nodes other classes.
    const marks = new MutationObserver(() => { if (state?.value) filter(); });
    marks.observe(list, { attributeFilter: ["class"], subtree: true });
    controls.hidden = false;
  }

  function filter() {
    const words = plain(text.value).match(/\S+/g) ?? [];
    const isSearch = words.length || state?.value;
    for (const node of nodes) {
      const { element, parent } = node;
      if (words.length) node.text ??= textOf(element);
      node.matches = parent?.matches || words.every((word) => node.text.includes(word));
      node.isOut = parent?.isOut || (optional?.checked && element.matches(".roadmap-optional"));
      node.isShown = false;
    }
    const isWanted = ({ element }) => !state?.value || element.matches(`.roadmap-${state.value}`);
    const shown = topics.filter((node) => node.matches && !node.isOut && isWanted(node));
    for (let node of shown) for (; node && !node.isShown; node = node.parent) node.isShown = true;
    const focus = list.contains(document.activeElement) && document.activeElement;
    for (const { element, isShown } of nodes) {
      if (element.hidden === isShown) element.hidden = !isShown;
    }
    if (isSearch) before ??= folders.map(({ details }) => details.open);
    folders.forEach(({ details, isShown }, index) => {
      if (isSearch ? isShown : before) details.open = isSearch || before[index];
    });
    if (!isSearch) before = null;
    // Who marks what is filtered away then, goes on with the next one.
    if (focus && focus.closest("[hidden]")) {
      const isNext = ({ element }) => focus.compareDocumentPosition(element) & 4;
      const next = shown.find(isNext) ?? shown.at(-1);
      (next?.element.querySelector("button, a") ?? text).focus();
    }
    clear.hidden = !isSearch && !optional?.checked;
    const status = controls.querySelector("[role=status]");
    const message = clear.hidden ? "" : status.dataset[shown.length ? "shown" : "none"];
    status.textContent = message.replace("{shown}", shown.length).replace("{topics}", topics.length);
  }

  function unfoldTo(level) {
    for (const node of folders) node.details.open = node.level < level;
    remember(folders);
  }

  function remember(changed) {
    if (before) return;
    const all = remembered(key);
    for (const { path, details } of changed) all[path && !details.open ? "add" : "delete"](path);
    try {
      localStorage.setItem(key, JSON.stringify([...all]));
      if (!all.size) localStorage.removeItem(key);
    } catch {
      // Then it is forgotten.
    }
  }

  /** Returns whether there was anything to unfold. */
  function unfoldWayTo(target) {
    const isAway = target.closest(".roadmap-node[hidden]");
    if (isAway) {
      controls.reset();
      filter();
    }
    const closed = folders.filter(({ details }) => !details.open && details.contains(target));
    for (const { details } of closed) details.open = true;
    return isAway || closed.length > 0;
  }

  return { list, filter: controls && filter, unfoldWayTo };
}

function remembered(key) {
  try {
    return new Set(JSON.parse(localStorage.getItem(key)));
  } catch {
    return new Set();
  }
}

function textOf(element) {
  const own = [".roadmap-head .roadmap-title", ".roadmap-summary", "details > .roadmap-summary"];
  const parts = element.querySelectorAll(own.map((each) => `:scope > ${each}`));
  return plain(Array.from(parts, (each) => each.textContent).join("\n"));
}

function plain(text) {
  return text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "");
}
