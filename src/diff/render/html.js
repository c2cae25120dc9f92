"use strict";
const all = [...document.querySelectorAll("main > section > details")];
const search = document.getElementById("search");
const count = document.getElementById("count");
function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const part of all) {
    const text = part.textContent.toLowerCase() + part.parentElement.textContent.slice(0, 500).toLowerCase();
    const fits = words.every((word) => text.includes(word));
    part.classList.toggle("hidden", !fits);
    if (fits) shown += 1;
  }
  for (const section of document.querySelectorAll("main > section")) {
    const parts = [...section.children].filter((child) => child.tagName === "DETAILS");
    const gone = parts.length > 0 && parts.every((part) => part.classList.contains("hidden"));
    section.classList.toggle("hidden", gone);
  }
  count.textContent = words.length > 0 ? shown + " of " + all.length : "";
}
search.addEventListener("input", show);
for (const [id, open] of [["open", true], ["close", false]]) {
  document.getElementById(id).addEventListener("click", () => {
    for (const part of all) part.open = open;
  });
}
