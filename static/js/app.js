import "./keys.js";
import "./copy.js";
import "./choose.js";
import "./columns.js";
import "./decide.js";
import "./dialogs.js";
import "./complete.js";
import { keepChanged } from "./unsent.js";

// A bar at the top says that an answer is on its way; the style sheet delays it by 100 ms.
let open = 0;
const busy = (step) => {
  open = Math.max(0, open + step);
  document.documentElement.classList.toggle("is-busy", open > 0);
};
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.hasAttribute("data-silent")) busy(1);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.elt.hasAttribute("data-silent")) busy(-1);
});
// Signed out meanwhile: the answer is the sign-in page, which must not land inside this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  const place = document.body.dataset.signIn;
  if (place && new URL(event.detail.xhr.responseURL).pathname === place) {
    event.detail.shouldSwap = false;
    keepChanged();
    location.reload();
  }
});

// On a narrow screen the filters are folded, and stay as a person left them while they choose.
let unfolded = false;
const fold = () => document.querySelector(".facets-fold");
document.addEventListener("htmx:beforeSwap", () => { unfolded = Boolean(fold()?.open); });
document.addEventListener("htmx:afterSwap", () => { if (unfolded && fold()) fold().open = true; });

// The line above the page: shown while the site does not answer, gone with the next answer.
const lost = (is) => {
  const line = document.getElementById("lost");
  if (line) line.hidden = !is;
};
document.addEventListener("htmx:sendError", () => lost(true));
document.addEventListener("htmx:responseError", () => lost(true));
document.addEventListener("htmx:afterOnLoad", () => lost(false));

// A form that came back: whoever sent it is put where the first fault is, however far down that lies.
document.querySelector("main [aria-invalid=true]")?.focus();

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) document.documentElement.classList.add("is-busy");
});
addEventListener("pageshow", () => document.documentElement.classList.remove("is-busy"));
