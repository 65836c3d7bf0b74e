/*
 * Marks topics in place. Without it, and whenever something fails, the forms do the same by
 * loading a page.
 */

const STATES = ["pending", "learning", "done", "skipped"];
// A site may have given an element of its own such an id.
const NODES = ".roadmap-node[id], .roadmap-standing[id], [data-node]";
let queue = Promise.resolve();
const waiting = new Map();
let refreshes = 0;

document.addEventListener("submit", (event) => {
  const { target: form, submitter: button } = event;
  if (!form.matches(".roadmap-form")) return;
  if (button?.name === "ask") {
    if (openMenu(form, button)) event.preventDefault();
  } else if (button?.name === "mark") {
    event.preventDefault();
    // As it is now: a double click says the same twice. One after the other, so the last one wins.
    const body = new FormData(form, button);
    waiting.set(body, form);
    queue = queue.then(() => mark(form, button, body)).catch(() => send(form, body));
  }
});

// Whoever leaves does not wait for the queue. Of each node the last mark is sent, as its form would.
window.addEventListener("pagehide", () => {
  const last = new Map([...waiting].map((each) => [each[0].get("mark").split(" ")[1], each]));
  for (const [body, form] of last.values()) {
    const token = form.elements.csrfmiddlewaretoken?.value;
    if (!token) continue;
    body.set("csrfmiddlewaretoken", token);
    fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
  }
  waiting.clear();
});

// After going back, a browser shows the page as it was before it was left.
window.addEventListener("pageshow", ({ persisted }) => {
  const [visit] = performance.getEntriesByType("navigation");
  if (persisted || visit?.type === "back_forward") refresh(true).catch(() => {});
});

// Without a script they lead to a page.
for (const button of document.querySelectorAll(".roadmap-form:has(template) button[name=ask]")) {
  button.setAttribute("aria-expanded", "false");
}

// One menu for all nodes. It closes with Escape, and when something else is used.
let menu = null;

document.addEventListener("keydown", (event) => {
  if (menu && event.key === "Escape") closeMenu()?.focus();
});
for (const type of ["click", "focusin"]) {
  document.addEventListener(type, ({ target }) => {
    if (menu && !menu.contains(target) && target !== menu.previousElementSibling) closeMenu();
  });
}

/** Returns whether there is a menu to open: templates of the site may have none. */
function openMenu(form, opener) {
  const choices = form.querySelector("template");
  const node = opener.closest("li, [data-node]");
  if (!choices || !node) return false;
  const wasOpen = menu?.previousElementSibling === opener;
  closeMenu();
  if (wasOpen) return true;
  const isTopic = opener.parentElement.querySelector(".roadmap-tick");
  menu = document.createElement("span");
  menu.className = "roadmap-menu";
  menu.setAttribute("role", "group");
  menu.setAttribute("aria-label", opener.getAttribute("aria-label") || opener.textContent);
  menu.append(choices.content.cloneNode(true));
  for (const button of menu.children) {
    if (isTopic) button.setAttribute("aria-pressed", node.classList.contains(`roadmap-${button.value}`));
    button.value += ` ${opener.value}`;
  }
  opener.after(menu);
  opener.setAttribute("aria-expanded", "true");
  menu.firstElementChild.focus();
  return true;
}

/** Returns the button that opened it. */
function closeMenu() {
  const opener = menu?.previousElementSibling;
  opener?.setAttribute("aria-expanded", "false");
  menu?.remove();
  menu = null;
  return opener;
}

async function mark(form, button, body) {
  if (!waiting.has(body)) return;
  if (menu?.contains(button)) closeMenu().focus();
  // Of a topic there is nothing to ask; of others the server knows how many those are.
  if (!body.get("csrfmiddlewaretoken") || !button.hasAttribute("aria-pressed")) {
    const query = new URLSearchParams({ mark: body.get("mark") });
    const { detail, topics, token, asks } = await ask(`${form.action}?${query}`);
    if (asks && !window.confirm(detail)) return waiting.delete(body);
    keepToken(token);
    body.set("csrfmiddlewaretoken", token);
    body.set("topics", topics);
  }
  // Sent when the page was left, which has come back.
  if (!waiting.delete(body)) return;
  const { node, ancestors, below, message, note } = await ask(form.action, { method: "POST", body });
  const changed = new Map([node, ...ancestors, ...below].map((each) => [each.path, each]));
  for (const element of document.querySelectorAll(NODES)) {
    if (changed.has(pathOf(element))) show(element, changed.get(pathOf(element)));
  }
  const told = note && form.parentElement.querySelector(".roadmap-note");
  if (told) told.hidden = false;
  say(form, told ? `${message} ${told.textContent.trim()}` : message);
  // The next mark does not wait for this.
  refresh().catch(() => {});
}

/** The way without a script: load a page. */
function send(form, body) {
  waiting.delete(body);
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "mark", value: body.get("mark") });
  form.append(input);
  form.submit();
  input.remove();
}

async function ask(url, options) {
  // Goes on when the page is left meanwhile; no answer is a failure, too.
  const signal = AbortSignal.timeout(15_000);
  const headers = { Accept: "application/json" };
  const response = await fetch(url, { ...options, headers, signal, keepalive: true });
  if (!response.ok) throw new Error(response.status);
  return response.json();
}

/** A visitor who had no token has one now, for all forms of the page. */
function keepToken(token) {
  for (const form of document.querySelectorAll(".roadmap-form")) {
    const input = form.elements.csrfmiddlewaretoken ?? document.createElement("input");
    Object.assign(input, { type: "hidden", name: "csrfmiddlewaretoken", value: token });
    form.prepend(input);
  }
}

const pathOf = (element) => element.dataset.node ?? element.id;
const headOf = (element) => element.querySelector(":scope > .roadmap-head, :scope > th") ?? element;

/** Give what shows a node its new state. */
function show(element, { state, label, counts }) {
  element.classList.remove(...STATES.map((each) => `roadmap-${each}`));
  element.classList.add(`roadmap-${state}`);
  const head = headOf(element);
  const word = head.querySelector(".roadmap-state");
  if (word) word.textContent = state === "pending" ? "" : label;
  const count = head.querySelector(".roadmap-count");
  if (count) count.outerHTML = counts || '<span class="roadmap-count"></span>';
  else if (counts) word?.insertAdjacentHTML("afterend", ` ${counts}`);
  for (const button of head.querySelectorAll("button[aria-pressed]")) {
    const isTick = button.matches(".roadmap-tick");
    const isPressed = isTick ? state === "done" : button.value === `${state} ${pathOf(element)}`;
    button.setAttribute("aria-pressed", isPressed);
    if (isTick) button.value = `${isPressed ? "pending" : "done"} ${pathOf(element)}`;
  }
}

/** What a copy of the page says of a node. */
function read(element) {
  const head = headOf(element);
  return {
    state: STATES.find((each) => element.classList.contains(`roadmap-${each}`)) ?? "pending",
    label: head.querySelector(".roadmap-state")?.textContent,
    counts: head.querySelector(".roadmap-count")?.outerHTML,
  };
}

function say(form, message) {
  const host = form.parentElement;
  let status = host.querySelector(":scope > [role=status]");
  if (!status) {
    status = document.createElement("p");
    status.className = "roadmap-hidden";
    status.setAttribute("role", "status");
    host.append(status);
  }
  // Said again only when it is new to the page.
  status.textContent = "";
  setTimeout(() => { status.textContent = message; }, 50);
}

/** Bars and next steps are shown as the server shows them now, and states if these are old, too. */
async function refresh(isOld) {
  const turn = ++refreshes;
  if (!isOld && !document.querySelector("[data-fresh]")) return;
  const headers = { Accept: "text/html" };
  const response = await fetch(location.href, { headers, cache: "no-cache" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (turn !== refreshes || !response.ok) return;
  if (isOld) renew(page, NODES, (old, fresh) => {
    if (pathOf(old) === pathOf(fresh)) show(old, read(fresh));
  });
  renew(page, "[data-fresh]", (old, fresh) => {
    const link = [...old.querySelectorAll("a")].indexOf(document.activeElement);
    old.replaceWith(document.adoptNode(fresh));
    fresh.querySelectorAll("a")[link]?.focus();
  });
}

function renew(page, selector, change) {
  const fresh = page.querySelectorAll(selector);
  const old = document.querySelectorAll(selector);
  if (old.length === fresh.length) old.forEach((element, index) => change(element, fresh[index]));
}
