// The search box offers what may follow: arrow keys choose, Enter takes, Escape closes. Without this it is a plain field.
const box = document.getElementById("q");
const list = document.getElementById("offers");
const PAUSE = 80;
let waiting = 0;
let asking = null;
let at = -1;

const options = () => [...list.querySelectorAll("[role=option]")];

function choose(next) {
  at = next;
  options().forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
  const chosen = options()[at];
  if (chosen) {
    box.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  } else box.removeAttribute("aria-activedescendant");
}

function show(is) {
  list.hidden = !is;
  box.setAttribute("aria-expanded", String(is));
  choose(-1);
}

function close() {
  clearTimeout(waiting);
  asking?.abort();
  if (!list.hidden) show(false);
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const said = box.value;
  try {
    const answer = await fetch(`${list.dataset.url}?q=${encodeURIComponent(said)}`, { signal: asking.signal });
    // Signed out meanwhile, or the site is down: the search itself says so.
    if (!answer.ok || answer.redirected) return close();
    const found = await answer.text();
    if (box.value !== said || document.activeElement !== box) return;
    list.innerHTML = found;
    show(options().length > 0);
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

function take(option) {
  close();
  if (option.dataset.href) return location.assign(option.dataset.href);
  box.value = option.dataset.text;
  box.focus();
  // The name of a filter waits for its value.
  if (box.value.endsWith(":")) ask();
  else box.form.requestSubmit();
}

const step = (by) => {
  const count = options().length;
  choose(at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count);
};

const keys = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Escape: () => close(),
};

function pressed(event) {
  if (event.isComposing) return;
  if (list.hidden) {
    if (event.key === "ArrowDown" && !box.value) ask();
    return;
  }
  if (event.key === "Enter" && at >= 0) take(options()[at]);
  else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

if (box && list) {
  list.setAttribute("role", "listbox");
  const told = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(told)) box.setAttribute(name, value);
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  // An empty box offers what one searched for before: on a click or the arrow down, and when its text was taken away.
  box.addEventListener("click", () => box.value || ask());
  box.addEventListener("keydown", pressed);
  box.addEventListener("blur", close);
  box.form.addEventListener("submit", close);
  // Before the field loses its focus.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  // A filter that was taken away on the page leaves the field, too; what is being typed stays as it is.
  document.addEventListener("htmx:afterSwap", (event) => {
    const results = document.getElementById("results");
    if (results && event.detail.requestConfig?.elt !== box.form) box.value = results.dataset.text;
  });
}
