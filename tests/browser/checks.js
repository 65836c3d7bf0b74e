(() => {
  const name = (element) => element.outerHTML.slice(0, 120);
  const isClear = (colour) => colour === "transparent" || /, 0\)$/.test(colour);

  function ground(element) {
    for (let each = element.parentElement; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!isClear(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  }

  /* Around the element, or before it; a box of a map is framed by its rectangle. */
  function look(element) {
    const outlines = [null, "::before"].map((kind) => getComputedStyle(element, kind))
      .filter(({ outlineStyle, outlineWidth, outlineColor: colour }) => outlineStyle !== "none"
        && parseFloat(outlineWidth) >= 1 && !isClear(colour) && colour !== ground(element))
      .map(({ outline }) => outline);
    const frames = [...element.querySelectorAll("rect")].map((rect) => getComputedStyle(rect))
      .filter(({ stroke, strokeWidth }) => stroke !== "none" && parseFloat(strokeWidth) >= 2)
      .map(({ stroke, strokeWidth }) => stroke + strokeWidth);
    return [...outlines, ...frames].join();
  }

  /* Whether some of it is on the screen, and not below something else. */
  function isInSight(element) {
    const { left, top, width, height } = element.getBoundingClientRect();
    for (const x of [.02, .25, .5, .75, .98]) for (const y of [.1, .5, .9]) {
      const hit = document.elementFromPoint(left + x * width, top + y * height);
      if (hit && (element.contains(hit) || hit.contains(element) && hit.closest("svg"))) return true;
    }
    return false;
  }

  /* Whether its outline has room in what cuts it off. */
  function isWhole(element) {
    const style = getComputedStyle(element);
    const reach = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
    const box = element.getBoundingClientRect();
    for (let each = element.parentElement; each; each = each.parentElement) {
      if (!/hidden|clip/.test(getComputedStyle(each).overflow)) continue;
      const { left, right, top, bottom } = each.getBoundingClientRect();
      if (box.left - reach < left - 1 || box.right + reach > right + 1
        || box.top - reach < top - 1 || box.bottom + reach > bottom + 1) return false;
    }
    return true;
  }

  /* What looks the same with the focus of a keyboard as without it, or cannot be seen then. */
  function withoutFocus() {
    const found = [];
    const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
    for (const element of all) {
      if (element.disabled || element.type === "hidden" || !element.checkVisibility()) continue;
      element.blur();
      const before = look(element);
      element.focus();
      if (document.activeElement !== element) continue;
      const after = look(element);
      if (!after || after === before || !isInSight(element) || !isWhole(element)) found.push(name(element));
    }
    return found;
  }

  function impolite() {
    const all = document.querySelectorAll("[aria-live], [role=alert], [role=log], [role=timer], [role=status]");
    const polite = "[role=status]:not([aria-live=assertive]), [aria-live=polite], [aria-live=off]";
    return [...all].filter((each) => !each.matches(polite)).map(name);
  }

  return { withoutFocus, impolite };
})()
