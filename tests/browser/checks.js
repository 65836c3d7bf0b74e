(() => {
  const name = (element) => element.outerHTML.slice(0, 120);
  const isSeen = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
    || parseFloat(style.strokeWidth) >= 2 && style.stroke !== "none"
    || style.boxShadow !== "none";

  /* What looks the same with the focus of a keyboard as without it. */
  function withoutFocus() {
    const found = [];
    const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
    for (const element of all) {
      if (element.disabled || element.type === "hidden" || !element.checkVisibility()) continue;
      const parts = [element, ...element.querySelectorAll("rect")];
      const look = () => parts.flatMap((part) => [null, "::before", "::after"].map((kind) => {
        const style = getComputedStyle(part, kind);
        return [isSeen(style), style.outline, style.stroke, style.strokeWidth, style.boxShadow, style.borderColor, style.backgroundColor].join();
      }));
      element.blur();
      const before = look();
      element.focus();
      if (document.activeElement !== element) continue;
      const after = look();
      const changed = after.some((each, i) => each !== before[i] && (each.startsWith("true") || element.matches("input, select, textarea")));
      if (!changed) found.push(name(element));
    }
    return found;
  }

  function impolite() {
    const all = document.querySelectorAll("[aria-live], [role=alert], [role=log], [role=timer], [role=status]");
    return [...all].filter((each) => !(each.matches("[role=status]:not([aria-live=assertive]), [aria-live=polite], [aria-live=off]"))).map(name);
  }

  return { withoutFocus, impolite };
})()