// Keys for the results page: / to the search box, j k or arrows choose, Enter opens, Escape leaves.
// The page is complete without this file.
"use strict";
(() => {
  const box = document.querySelector("input[name=q]");
  const results = [...document.querySelectorAll("[data-result]")];
  let chosen = -1;

  const choose = (index) => {
    if (index < 0 || index >= results.length) return;
    if (chosen >= 0) results[chosen].removeAttribute("data-chosen");
    chosen = index;
    const result = results[chosen];
    result.setAttribute("data-chosen", "");
    const link = result.querySelector("h2 a, h3 a");
    if (link) link.focus({ preventScroll: true });
    result.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  // Tab moves the choice too, so that the bar and the focus never disagree.
  document.addEventListener("focusin", (event) => {
    const index = results.findIndex((result) => result.contains(event.target));
    if (index < 0 || index === chosen) return;
    if (chosen >= 0) results[chosen].removeAttribute("data-chosen");
    chosen = index;
    results[chosen].setAttribute("data-chosen", "");
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = event.target instanceof Element
      && event.target.closest("input, textarea, select, [contenteditable]");
    if (typing) {
      if (event.key === "Escape") {
        event.target.blur();
      } else if (event.key === "ArrowDown" && results.length > 0) {
        event.preventDefault();
        choose(0);
      }
      return;
    }
    if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (results.length > 0 && (event.key === "j" || event.key === "ArrowDown")) {
      event.preventDefault();
      choose(chosen + 1);
    } else if (results.length > 0 && (event.key === "k" || event.key === "ArrowUp")) {
      event.preventDefault();
      choose(chosen - 1);
    } else if (event.key === "Enter" && chosen >= 0 && event.target === document.body) {
      const link = results[chosen].querySelector("h2 a, h3 a");
      if (link) link.click();
    }
  });
})();
