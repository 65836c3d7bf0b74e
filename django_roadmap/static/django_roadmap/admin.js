/*
 * The tree in the admin folds, and its nodes move by dragging and by the arrow keys; a
 * description is shown as it will look. Without this, pages behind the same links do it all.
 */

const editor = document.querySelector(".roadmap-editor");
if (editor) edit(editor);
for (const markdown of document.querySelectorAll(".roadmap-markdown")) preview(markdown);

function edit(editor) {
  const tree = editor.querySelector(".roadmap-editor-tree");
  const status = editor.querySelector(".roadmap-editor-message");
  const token = editor.closest("form").elements.csrfmiddlewaretoken?.value;
  const key = `django-roadmap-admin:${editor.dataset.roadmap}`;
  const folded = new Set(remembered());
  const moves = "moves" in editor.dataset;
  let dragged, spot, renewed = 0, queue = Promise.resolve();

  const itemOf = (element) => element?.closest("li[data-node]");
  const item = (pk) => tree.querySelector(`li[data-node="${CSS.escape(pk)}"]`);
  const handleOf = (item) => item?.querySelector(".roadmap-editor-handle");

  start();
  editor.querySelector(".roadmap-editor-tools").hidden = false;
  document.getElementById("roadmap-keys")?.removeAttribute("hidden");
  editor.addEventListener("click", ({ target }) => {
    if (target.matches(".roadmap-editor-fold")) {
      const { node } = itemOf(target).dataset;
      setFolded(itemOf(target), !folded.has(node));
      remember();
    } else if (target.dataset.fold) {
      for (const each of tree.querySelectorAll("li li[data-node]")) setFolded(each, target.dataset.fold === "all");
      remember();
    }
  });
  // Found by the browser's own search.
  tree.addEventListener("beforematch", ({ target }) => {
    for (let each = itemOf(target); each; each = itemOf(each.parentElement)) setFolded(each, false);
  });
  if (moves) {
    tree.addEventListener("keydown", press);
    tree.addEventListener("dragstart", pickUp);
    tree.addEventListener("dragover", hover);
    tree.addEventListener("drop", drop);
    tree.addEventListener("dragend", putDown);
  }

  function start() {
    for (const each of tree.querySelectorAll("li[data-node]")) setFolded(each, folded.has(each.dataset.node));
    if (moves) for (const handle of tree.querySelectorAll(".roadmap-editor-handle")) handle.draggable = true;
    for (let each = itemOf(document.querySelector(":target")); each; each = itemOf(each.parentElement)) setFolded(each, false);
  }

  function setFolded(item, isFolded) {
    const list = item.querySelector(":scope > ul");
    const button = item.querySelector(":scope > div > .roadmap-editor-fold");
    const { node } = item.dataset;
    button.hidden = !list?.children.length;
    button.setAttribute("aria-expanded", String(button.hidden || !isFolded));
    if (list) list.hidden = !button.hidden && isFolded ? "until-found" : false;
    if (isFolded && !button.hidden) folded.add(node);
    else folded.delete(node);
  }

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? [];
    } catch {
      return [];
    }
  }

  function remember() {
    try {
      localStorage.setItem(key, JSON.stringify([...folded]));
    } catch {
      // Where nothing may be stored, nothing is remembered.
    }
  }

  function press(event) {
    if (!event.target.matches(".roadmap-editor-handle")) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const [into, out] = getComputedStyle(tree).direction === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
    const step = { ArrowUp: "up", ArrowDown: "down", [into]: "in", [out]: "out" }[event.key];
    if (!step) return;
    event.preventDefault();
    move(itemOf(event.target), { step });
  }

  function pickUp(event) {
    if (!event.target.matches?.(".roadmap-editor-handle")) return;
    dragged = itemOf(event.target);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(dragged.firstElementChild, 0, 0);
    dragged.classList.add("is-dragged");
  }

  function hover(event) {
    const over = event.target.closest?.(".roadmap-editor-row");
    const target = itemOf(over);
    mark();
    if (!dragged || !over || dragged.contains(target)) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    const part = (event.clientY - top) / height;
    const isRoadmap = target.parentElement === tree;
    const position = isRoadmap || (part > .3 && part < .7) ? "last-child" : part < .5 ? "left" : "right";
    mark(target, position);
  }

  function drop(event) {
    if (!dragged || !spot) return;
    event.preventDefault();
    move(dragged, { target: spot.target.dataset.node, position: spot.position });
  }

  function putDown() {
    mark();
    dragged?.classList.remove("is-dragged");
    dragged = undefined;
  }

  function mark(target, position) {
    spot?.target.classList.remove("is-before", "is-after", "is-inside");
    spot = target && { target, position };
    target?.classList.add({ left: "is-before", right: "is-after", "last-child": "is-inside" }[position]);
  }

  /** One after the other, each from the version that the one before has made. */
  function move(moved, wish) {
    const seen = renewed;
    queue = queue.then(() => send(moved.dataset.node, wish, seen)).catch(() => say(editor.dataset.failure));
  }

  async function send(pk, wish, seen) {
    // It was meant for a tree that is not shown any more.
    if (seen !== renewed) return;
    const body = new FormData();
    for (const [name, value] of Object.entries(wish)) body.set(name, value);
    body.set("version", editor.dataset.version);
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    const url = new URL(handleOf(item(pk)).href);
    const response = await fetch(url, { method: "POST", body, headers });
    const answer = await response.json();
    const fresh = response.status === 409 && await read();
    const focused = document.activeElement;
    if (response.ok) place(pk, answer);
    else if (fresh) renew(fresh);
    say(answer.message, response.ok);
    // Whoever has gone on to another node meanwhile stays there.
    const wanted = focused !== document.body && focused?.isConnected ? focused : handleOf(item(pk));
    wanted?.focus({ preventScroll: true });
    if (itemOf(wanted)?.dataset.node === pk) wanted.scrollIntoView({ block: "nearest" });
  }

  function place(pk, { parent, after, version }) {
    editor.dataset.version = version;
    const moved = item(pk), above = item(String(parent)), before = itemOf(moved.parentElement);
    let list = above.querySelector(":scope > ul");
    if (!list) above.append(list = document.createElement("ul"));
    if (after === null) list.prepend(moved);
    else item(String(after)).after(moved);
    setFolded(before, folded.has(before.dataset.node));
    setFolded(above, false);
    remember();
  }

  /** The tree as it is now. */
  async function read() {
    const response = await fetch(location.href);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector(".roadmap-editor");
  }

  function renew(fresh) {
    if (editor.dataset.version === fresh.dataset.version) return;
    renewed += 1;
    editor.dataset.version = fresh.dataset.version ?? "";
    tree.replaceChildren(...fresh.querySelector(".roadmap-editor-tree").children);
    start();
  }

  function say(message, isGood) {
    status.classList.toggle("errornote", !isGood);
    status.textContent = message;
  }
}

function preview(markdown) {
  const shown = markdown.querySelector(".roadmap-markdown-preview");
  const button = markdown.querySelector("button");
  const text = markdown.querySelector("textarea");
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const body = new FormData();
    body.set("description", text.value);
    body.set("csrfmiddlewaretoken", button.form.elements.csrfmiddlewaretoken.value);
    const response = await fetch(button.formAction, { method: "POST", body });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.getElementById("roadmap-preview");
    if (!found) return;
    found.removeAttribute("id");
    shown.replaceChildren(found);
    shown.hidden = false;
  });
}
