import "./keyboard_shortcuts.js";
import "./copy_buttons.js";
import "./menus.js";
import "./dialogs.js";
import "./palette.js";
import "./search_suggestions.js";
import { storeChangedForm } from "./unsent_forms.js";

// Progress bar at the top while a request is running; the style sheet delays it by 100 ms.
let open = 0;
const changeBusy = (step) => {
  open = Math.max(0, open + step);
  document.documentElement.classList.toggle("is-busy", open > 0);
};
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.hasAttribute("data-no-progress-bar")) changeBusy(1);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.elt.hasAttribute("data-no-progress-bar")) changeBusy(-1);
});
// If the session has ended, the response is the sign-in page: reload instead of swapping it in.
document.addEventListener("htmx:beforeSwap", (event) => {
  const place = document.body.dataset.signIn;
  if (place && new URL(event.detail.xhr.responseURL).pathname === place) {
    event.detail.shouldSwap = false;
    storeChangedForm();
    location.reload();
  }
});

// On narrow screens the filters are folded; keep them open after a swap if they were open.
let unfolded = false;
const filterFold = () => document.querySelector(".facets-fold");
document.addEventListener("htmx:beforeSwap", () => { unfolded = Boolean(filterFold()?.open); });
document.addEventListener("htmx:afterSwap", () => { if (unfolded && filterFold()) filterFold().open = true; });

// Folds that have an id stay open when a polled fragment is replaced.
let openFolds = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  openFolds = Array.from(event.detail.target.querySelectorAll("details[id][open]"), (fold) => fold.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of openFolds.splice(0)) document.getElementById(id)?.setAttribute("open", "");
});

// "Connection lost" line: shown after a failed request, hidden after the next successful one.
const showConnectionLost = (isLost) => {
  const line = document.getElementById("lost");
  if (line) line.hidden = !isLost;
};
document.addEventListener("htmx:sendError", () => showConnectionLost(true));
document.addEventListener("htmx:responseError", () => showConnectionLost(true));
document.addEventListener("htmx:afterOnLoad", () => showConnectionLost(false));

// After a failed validation, focus the first invalid field.
const firstFault = document.querySelector("main [aria-invalid=true]");
firstFault?.focus();
// With what is said beneath it.
firstFault?.closest(".field")?.scrollIntoView({ block: "nearest" });

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) document.documentElement.classList.add("is-busy");
});
addEventListener("pageshow", () => document.documentElement.classList.remove("is-busy"));

// A rail beside the page stays in view while one scrolls. One that is higher than the window stops where its end is in view,
// so that all of it can be read. Without this script it scrolls with the page.
const rails = document.querySelectorAll(".sticky");
const GAP = 16;
const place = (rail) => {
  const top = Math.min(parseFloat(getComputedStyle(document.documentElement).scrollPaddingBlockStart) || 0, innerHeight - rail.offsetHeight - GAP);
  rail.style.setProperty("--rail-start", `${top}px`);
};
const placeAll = () => rails.forEach(place);
const observer = new ResizeObserver(placeAll);
rails.forEach((rail) => observer.observe(rail));
addEventListener("resize", placeAll);
