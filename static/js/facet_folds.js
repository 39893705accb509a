// Facets stay folded as they were left in this browser. Runs before the first paint, so that nothing moves.
const STORAGE_KEY = "folded-facets";
const readFolded = () => new Set((localStorage.getItem(STORAGE_KEY) ?? "").split(" "));

const foldFacets = () => {
  const folded = readFolded();
  for (const facet of document.querySelectorAll("details[data-facet]")) facet.open = !folded.has(facet.dataset.facet);
};
foldFacets();
document.addEventListener("htmx:afterSwap", foldFacets);

// This event does not bubble.
document.addEventListener("toggle", ({ target }) => {
  const name = target.dataset?.facet;
  if (!name) return;
  const folded = readFolded();
  if (target.open) folded.delete(name);
  else folded.add(name);
  localStorage.setItem(STORAGE_KEY, [...folded].join(" "));
}, true);
