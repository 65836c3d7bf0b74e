/*
 * Filters trees, folds them, and unfolds the way to where a link leads. Without it all of a tree
 * is there to read.
 */

const trees = [...document.querySelectorAll(".roadmap-tree")].map(explore);

reveal();
addEventListener("hashchange", reveal);
// A link to where one is changes no address.
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[href]");
  if (link?.hash && link.href === location.href) reveal();
});
// After going back, a browser may have filled in the fields.
addEventListener("pageshow", () => trees.forEach((tree) => tree.filter()));

// Who follows a link by keyboard finds the focus there again after going back.
document.addEventListener("click", ({ target, detail }) => {
  const link = target.closest("a[href]");
  if (!link) return;
  const href = link.getAttribute("href");
  const followed = detail ? undefined : [href, linksLike(href).indexOf(link)];
  if (followed || history.state?.followed) history.replaceState({ ...history.state, followed }, "");
});
const [visit] = performance.getEntriesByType("navigation");
if (visit?.type === "back_forward" && history.state?.followed) {
  const [href, place] = history.state.followed;
  linksLike(href)[place]?.focus({ preventScroll: true });
}

// Browsers leave a box of a map where it is when the focus reaches it and a bit of it is in sight.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".roadmap-box:focus-visible")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
});

function linksLike(href) {
  return [...document.querySelectorAll("a[href]")].filter((link) => link.getAttribute("href") === href);
}

/** Show where the address leads, and go there if it was not to be seen. */
function reveal() {
  let target;
  try {
    target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch {
    // No node has such an address.
  }
  const tree = trees.find(({ list }) => target && list.contains(target));
  if (tree?.unfoldWayTo(target)) target.scrollIntoView();
}

function explore(list) {
  const controls = list.closest(".roadmap")?.querySelector(":scope > .roadmap-explore");
  const { text, state, optional, clear } = controls?.elements ?? {};
  const found = new Map();
  for (const element of list.querySelectorAll(".roadmap-node")) {
    const parent = found.get(element.parentElement.closest(".roadmap-node"));
    const path = element.dataset.node ?? element.id;
    const details = element.querySelector(":scope > details");
    found.set(element, { element, parent, path, details, level: parent ? parent.level + 1 : 1 });
  }
  const nodes = [...found.values()];
  const topics = nodes.filter(({ element }) => !element.querySelector(".roadmap-node"));
  const folders = nodes.filter(({ details }) => details);
  const key = `django_roadmap:folded:${nodes[0]?.path.split("/")[0]}`;
  // What was open before one searched.
  let before = null;

  const folded = remembered(key);
  for (const { path, details } of folders) if (folded.has(path)) details.open = false;
  list.addEventListener("click", ({ target }) => {
    const details = target.closest("summary")?.parentElement;
    // It folds after this.
    if (details) setTimeout(() => remember(folders.filter((node) => node.details === details)));
  });
  if (controls) {
    const on = (type, react) => controls.addEventListener(type, react);
    on("input", filter);
    on("reset", () => setTimeout(filter));
    on("submit", (event) => event.preventDefault());
    on("change", ({ target }) => { if (target.name === "fold") unfoldTo(target.value); });
    on("click", ({ target }) => {
      if (target.matches("button[name=fold]")) unfoldTo(target.value);
      if (target === clear) text.focus();
    });
    on("keydown", ({ key: pressed, target }) => {
      if (pressed !== "Escape" || target !== text) return;
      text.value = "";
      filter();
    });
    // A mark gives nodes other classes.
    const marks = new MutationObserver(() => { if (state?.value) filter(); });
    marks.observe(list, { attributeFilter: ["class"], subtree: true });
    controls.hidden = false;
  }

  function filter() {
    if (!controls) return;
    const words = plain(text.value).match(/\S+/g) ?? [];
    const isSearch = words.length || state?.value;
    for (const node of nodes) {
      const { element, parent } = node;
      if (words.length) node.text ??= textOf(element);
      node.matches = parent?.matches || words.every((word) => node.text.includes(word));
      node.isShown = false;
    }
    const wanted = state?.value ? `.roadmap-${state.value}` : "*";
    const isOut = (element) => optional?.checked && element.closest(".roadmap-optional");
    const shown = topics.filter(({ matches, element }) => (
      matches && element.matches(wanted) && !isOut(element)
    ));
    for (let node of shown) for (; node && !node.isShown; node = node.parent) node.isShown = true;
    const focus = document.activeElement;
    for (const { element, isShown } of nodes) {
      if (element.hidden === isShown) element.hidden = !isShown;
    }
    if (isSearch) before ??= folders.map(({ details }) => details.open);
    folders.forEach(({ details, isShown }, index) => {
      if (isSearch ? isShown : before) details.open = isSearch || before[index];
    });
    if (!isSearch) before = null;
    // Who marks what is filtered away then, goes on with the next one.
    if (list.contains(focus) && focus.closest("[hidden]")) {
      const next = shown.find(({ element }) => focus.compareDocumentPosition(element) & 4);
      ((next ?? shown.at(-1))?.element.querySelector("button, a") ?? text).focus();
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
    } catch {
      // Then it is forgotten.
    }
  }

  /** Returns whether it had to. */
  function unfoldWayTo(target) {
    const isAway = target.closest("[hidden]");
    if (isAway) {
      controls.reset();
      filter();
    }
    const closed = folders.filter(({ details }) => !details.open && details.contains(target));
    for (const { details } of closed) details.open = true;
    return isAway || closed.length;
  }

  return { list, filter, unfoldWayTo };
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
  return plain(Array.from(parts, (each) => each.textContent).join(" "));
}

function plain(text) {
  return text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "");
}
