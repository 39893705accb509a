// Search suggestions: arrow keys select, Enter accepts, Escape closes. Without JavaScript the box is a plain field.
const box = document.getElementById("q");
const list = document.getElementById("offers");
const DEBOUNCE_MS = 80;
let waiting = 0;
let asking = null;
let at = -1;

const options = () => [...list.querySelectorAll("[role=option]")];

function highlight(next) {
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
  highlight(-1);
}

function close() {
  clearTimeout(waiting);
  asking?.abort();
  if (!list.hidden) show(false);
}

async function loadSuggestions() {
  asking?.abort();
  asking = new AbortController();
  const said = box.value;
  try {
    const answer = await fetch(`${list.dataset.url}?q=${encodeURIComponent(said)}`, { signal: asking.signal });
    // Signed out or site down: no suggestions; submitting the search shows the error.
    if (!answer.ok || answer.redirected) return close();
    const found = await answer.text();
    if (box.value !== said || document.activeElement !== box) return;
    list.innerHTML = found;
    show(options().length > 0);
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

function accept(option) {
  close();
  if (option.dataset.href) return location.assign(option.dataset.href);
  box.value = option.dataset.text;
  box.focus();
  // After a filter name, suggest its values.
  if (box.value.endsWith(":")) loadSuggestions();
  else box.form.requestSubmit();
}

const move = (by) => {
  const count = options().length;
  highlight(at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count);
};

const keys = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Escape: () => close(),
};

function handleKey(event) {
  if (event.isComposing) return;
  if (list.hidden) {
    if (event.key === "ArrowDown" && !box.value) loadSuggestions();
    return;
  }
  if (event.key === "Enter" && at >= 0) accept(options()[at]);
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
    waiting = setTimeout(loadSuggestions, DEBOUNCE_MS);
  });
  // An empty box suggests recent searches: on click, on arrow down and after its text was deleted.
  box.addEventListener("click", () => box.value || loadSuggestions());
  box.addEventListener("keydown", handleKey);
  box.addEventListener("blur", close);
  box.form.addEventListener("submit", close);
  // Before the field loses its focus.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) accept(option);
  });
  // When a filter is removed on the page, update the box; do not overwrite text being typed.
  document.addEventListener("htmx:afterSwap", (event) => {
    const results = document.getElementById("results");
    if (results && event.detail.requestConfig?.elt !== box.form) box.value = results.dataset.text;
  });
}
