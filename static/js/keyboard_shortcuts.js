// Keyboard shortcuts of the whole site; ignored in text fields and with a modifier key.
let placeKeyPressedAt = 0;

const isTextField = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-row]")];

function move(step) {
  const all = rows();
  if (!all.length) return;
  const here = all.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step));
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

// The list of shortcuts has the places, each with its key.
const findPlace = (key) => /^[a-z]$/.test(key) && document.querySelector(`[data-nav="${key}"]`);

function focusPrimaryAction() {
  const main = document.querySelector("[data-primary-action]") ?? document.querySelector("main .btn.primary");
  main?.focus();
  main?.scrollIntoView({ block: "nearest" });
}

// Elements of a page with a key of their own: a link is followed, a button or field receives the focus.
const findShortcut = (key) => /^[a-z]$/.test(key) && document.querySelector(`[data-shortcut="${key}"]`);

function useShortcut(element) {
  if (element.matches("a")) return element.click();
  element.focus();
  element.scrollIntoView({ block: "nearest" });
}

const toggleCheckbox = () => document.activeElement.closest("li, tr")?.querySelector("[data-row-checkbox]")?.click();

const actions = {
  "/": () => document.getElementById("q")?.select(),
  "?": () => document.getElementById("keys")?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: toggleCheckbox,
  m: focusPrimaryAction,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTextField(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const place = Date.now() - placeKeyPressedAt < 1200 && findPlace(event.key);
  if (place) {
    placeKeyPressedAt = 0;
    event.preventDefault();
    location.assign(place.href);
    return;
  }
  placeKeyPressedAt = event.key === "g" ? Date.now() : 0;
  const ofPage = findShortcut(event.key);
  if (!ofPage && !actions[event.key]) return;
  event.preventDefault();
  if (ofPage) useShortcut(ofPage);
  else actions[event.key]();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.id === "q") event.target.blur();
});
