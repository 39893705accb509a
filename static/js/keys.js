// Keys of the whole site. They sleep while someone types or a modifier is held.
const places = { h: "home", i: "reviews", r: "access-requests", a: "grants", b: "basket" };
let waitsForPlace = 0;

const typing = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-row]")];

function move(step) {
  const all = rows();
  if (!all.length) return;
  const here = all.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step));
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

function go(key) {
  const link = document.querySelector(`[data-place="${places[key]}"]`);
  if (link) location.assign(link.href);
}

function aim() {
  const main = document.querySelector("[data-main]") ?? document.querySelector("main .btn.primary");
  main?.focus();
  main?.scrollIntoView({ block: "nearest" });
}

const tick = () => document.activeElement.closest("li, tr")?.querySelector("[data-tick]")?.click();

const actions = {
  "/": () => document.getElementById("q")?.select(),
  "?": () => document.getElementById("keys")?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  m: aim,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (Date.now() - waitsForPlace < 1200 && places[event.key]) {
    waitsForPlace = 0;
    event.preventDefault();
    return go(event.key);
  }
  waitsForPlace = event.key === "g" ? Date.now() : 0;
  if (actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.id === "q") event.target.blur();
});
