// Restores forms: here after sign-in, if the session had ended when one was sent; below after Back.
// Stored for this tab only, until the next page load, and restored only for the same person.
const STORAGE_KEY = "unsent";
const UNTYPED_FIELDS = new Set(["hidden", "password", "file", "submit", "button", "reset", "image", "fieldset", "output"]);
const { person, unsent } = document.body.dataset;
const here = location.pathname + location.search;
const isPost = (form) => form.getAttribute("method")?.toLowerCase() === "post";
const isCheckable = (field) => field.type === "checkbox" || field.type === "radio";
const typedFields = (form) => [...form.elements].filter((field) => field.name && !UNTYPED_FIELDS.has(field.type));
const actionOf = (form) => form.getAttribute("action") ?? "";
const formsWithAction = (action) => [...document.forms].filter((form) => isPost(form) && actionOf(form) === action);
const store = (kept) => sessionStorage.setItem(STORAGE_KEY, JSON.stringify(kept));

const storeForm = (form, to, isUnsent) => {
  const action = actionOf(form);
  const fields = typedFields(form).map((field) => [field.name, field.value, field.checked]);
  store({ person, page: here, to, action, nth: formsWithAction(action).indexOf(form), fields, isUnsent });
};

const isChanged = (field) =>
  isCheckable(field) ? field.checked !== field.defaultChecked : "defaultValue" in field && field.value !== field.defaultValue;

const announceChange = (field) => {
  for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
};

// Stores the first changed form before a page reloads because the session has ended.
export const storeChangedForm = () => {
  const form = [...document.querySelectorAll("main form")].find((each) => isPost(each) && typedFields(each).some(isChanged));
  if (person && form) storeForm(form, "", true);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !person || !isPost(form) || !form.closest("main")) return;
  const address = event.submitter?.getAttribute("formaction") ?? actionOf(form);
  storeForm(form, new URL(address, location.href).pathname, false);
});

const restoreFields = (kept) => {
  const form = formsWithAction(kept.action)[kept.nth];
  if (!form) return;
  const left = [...kept.fields];
  for (const field of typedFields(form)) {
    const at = left.findIndex(([name, value]) => name === field.name && (!isCheckable(field) || value === field.value));
    if (at < 0) continue;
    const [[, value, checked]] = left.splice(at, 1);
    if (isCheckable(field) ? field.checked === checked : field.value === value) continue;
    if (isCheckable(field)) field.checked = checked;
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
    announceChange(field);
  }
  document.getElementById("unsent").hidden = false;
};

const kept = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "null");
if (kept && unsent !== undefined) {
  // The form's action URL has no page of its own: go back to the page of the form.
  if (kept.isUnsent && kept.to === location.pathname && kept.page !== here) location.replace(kept.page);
  else store({ ...kept, isUnsent: true });
} else if (kept && person) {
  sessionStorage.removeItem(STORAGE_KEY);
  if (kept.isUnsent && kept.person === person && kept.page === here) restoreFields(kept);
}

// After Back, the browser restores what was typed and ticked, but not what htmx made of it. Each restored field says so again,
// in forms where htmx waits for it; so the page shows what belongs to its fields.
const DEPENDENT = "[hx-trigger*=change], [hx-trigger*=input]";
const isRestored = (field) => {
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedOptions[0] !== (field.querySelector("option[selected]") ?? field.options[0]);
  return field.type !== "hidden" && isChanged(field);
};
const hasDependents = (form) => form.matches(DEPENDENT) || form.querySelector(DEPENDENT);

addEventListener("pageshow", () => {
  for (const form of [...document.querySelectorAll("main form")].filter(hasDependents)) {
    for (const field of [...form.elements].filter(isRestored)) {
      field.closest("details")?.setAttribute("open", "");
      announceChange(field);
    }
  }
});
